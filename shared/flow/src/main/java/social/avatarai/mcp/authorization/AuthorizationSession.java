package social.avatarai.mcp.authorization;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.SessionKey;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.token.CodeExchange;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Replaceable;

/**
 * One authorization request on its way: who began it, at which issuer, and what must come back.
 *
 * @param key SHA-256 of its {@code state}
 * @param connection the user who began it, and the connection it is for
 * @param target the issuer and the resource, as discovered when it began
 * @param client who we are to the issuer
 * @param request what was asked for
 * @param binding what ties it to a browser
 * @param warnings what was unusual about the discovery
 * @param replaceable what its grant may take the place of
 * @param expiresAt after this it is over, whatever the table still holds
 * @param status where it stands
 * @param outcome how it ended; null before that
 */
public record AuthorizationSession(SessionKey key, ConnectionKey connection, GrantTarget target, ClientIdentity client,
    Request request, Binding binding, Set<Grant.Warning> warnings, Replaceable replaceable, Instant expiresAt,
    Status status, @Nullable SessionOutcome outcome) {

  public AuthorizationSession {
    warnings = Set.copyOf(warnings);
  }

  /**
   * What was sent with the browser.
   *
   * @param redirectUri sent again, the same string, with the code
   * @param context the issuer's own part of the redirect URI; null for the plain one
   * @param verifier the PKCE verifier
   * @param scope the scopes asked for
   * @param offlineAccessAdded whether {@code offline_access} among them was our own idea
   * @param issExpected whether the issuer announced the {@code iss} parameter (RFC 9207 §3)
   */
  public record Request(RedirectUri redirectUri, @Nullable IssuerContext context, CodeVerifier verifier, Scopes scope,
      boolean offlineAccessAdded, boolean issExpected) {}

  /**
   * What ties the flow to the browser of the user who began it.
   *
   * @param browserHash SHA-256 of the browser's cookie
   * @param returnTo where the browser goes in the end, one of the operator's list; null for our own page
   */
  public record Binding(String browserHash, @Nullable String returnTo) {}

  /** PENDING → PARKED → REDEEMING → DONE or FAILED. */
  public enum Status {
    PENDING, PARKED, REDEEMING, DONE, FAILED;

    public boolean isOver() { return this == DONE || this == FAILED; }
  }

  /** The same with another verifier. */
  public AuthorizationSession with(CodeVerifier verifier) {
    var changed = new Request(request.redirectUri, request.context, verifier, request.scope, request.offlineAccessAdded,
        request.issExpected);
    return new AuthorizationSession(key, connection, target, client, changed, binding, warnings, replaceable, expiresAt,
        status, outcome);
  }

  /** What its code is redeemed with. */
  public CodeExchange exchange() {
    return new CodeExchange(target, request.redirectUri, request.verifier, request.scope);
  }

  public boolean isExpired(Instant now) {
    return !now.isBefore(expiresAt);
  }
}
