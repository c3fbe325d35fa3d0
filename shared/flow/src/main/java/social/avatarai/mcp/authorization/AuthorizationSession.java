package social.avatarai.mcp.authorization;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
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
 * One authorization request on its way: its user, its issuer, and what the response must match.
 *
 * @param key SHA-256 of the {@code state}
 * @param connection the user who began the flow, and the connection that the grant will belong to
 * @param target the issuer and the resource, as discovered when the flow began
 * @param client our client identity at the issuer
 * @param request what was requested
 * @param binding what binds the flow to a browser
 * @param warnings what was unusual about the discovery
 * @param replaceable what its grant may replace
 * @param expiresAt after this time the session is over, even if the row is still there
 * @param status the status
 * @param outcome how the flow ended; null before that
 * @param limited whether the user had begun so many flows in the hour that the end of this one needs one of the user's
 *        slots for slow calls, and counts the user's grants
 * @param userinfo the issuer's UserInfo endpoint, which may be asked whose account the grant is for; null for none
 */
public record AuthorizationSession(SessionKey key, ConnectionKey connection, GrantTarget target, ClientIdentity client,
    Request request, Binding binding, Set<Grant.Warning> warnings, Replaceable replaceable, Instant expiresAt,
    Status status, @Nullable SessionOutcome outcome, boolean limited, @Nullable EndpointUrl userinfo) {

  public AuthorizationSession {
    warnings = Set.copyOf(warnings);
  }

  /** A flow whose issuer has no UserInfo endpoint that may be asked. */
  public AuthorizationSession(SessionKey key, ConnectionKey connection, GrantTarget target, ClientIdentity client,
      Request request, Binding binding, Set<Grant.Warning> warnings, Replaceable replaceable, Instant expiresAt,
      Status status, @Nullable SessionOutcome outcome, boolean limited) {
    this(key, connection, target, client, request, binding, warnings, replaceable, expiresAt, status, outcome, limited,
        null);
  }

  /**
   * What was sent through the browser.
   *
   * @param redirectUri the redirect URI; the same string is sent with the code
   * @param context the issuer's own part of the redirect URI; null for the plain callback
   * @param verifier the PKCE verifier
   * @param scope the requested scopes
   * @param offlineAccessAdded whether we added {@code offline_access} to them
   * @param issExpected whether the issuer announced the {@code iss} parameter (RFC 9207 §3)
   * @param renamed the other issuer that the metadata names, which a profile allows; null where it names the issuer of
   *        the target
   */
  public record Request(RedirectUri redirectUri, @Nullable IssuerContext context, CodeVerifier verifier, Scopes scope,
      boolean offlineAccessAdded, boolean issExpected, @Nullable Issuer renamed) {

    /** A request to an issuer whose metadata names it. */
    public Request(RedirectUri redirectUri, @Nullable IssuerContext context, CodeVerifier verifier, Scopes scope,
        boolean offlineAccessAdded, boolean issExpected) {
      this(redirectUri, context, verifier, scope, offlineAccessAdded, issExpected, null);
    }
  }

  /**
   * What binds the flow to the browser of the user who began it.
   *
   * @param browserHash SHA-256 of the browser's cookie
   * @param returnTo where the browser goes in the end, from the operator's list; null for our own page
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
        request.issExpected, request.renamed);
    return new AuthorizationSession(key, connection, target, client, changed, binding, warnings, replaceable, expiresAt,
        status, outcome, limited, userinfo);
  }

  /** The same with the server's URL as its user wrote it. The two URLs may differ only in the query. */
  public AuthorizationSession servedAt(EndpointUrl url) {
    return new AuthorizationSession(key, connection, target.servedAt(url), client, request, binding, warnings,
        replaceable, expiresAt, status, outcome, limited, userinfo);
  }

  /** What the code is redeemed with. */
  public CodeExchange exchange() {
    return new CodeExchange(target, request.redirectUri, request.verifier, request.scope, publishedIssuer());
  }

  /** The issuer in the metadata: the one that the authorization response and an ID token have to name. */
  public Issuer publishedIssuer() {
    return request.renamed == null ? target.issuer() : request.renamed;
  }

  public boolean isExpired(Instant now) {
    return !now.isBefore(expiresAt);
  }
}
