package social.avatarai.mcp.registration;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;

/**
 * Our client identity at one issuer. It is never used at another issuer (MCP specification, authorization server
 * binding).
 *
 * @param issuer the only issuer this identity is used at
 * @param client our client identity there
 * @param redirectUris the redirect URIs that are registered; empty when unknown
 * @param scope the scopes that the issuer says the client has; none when unknown. A flow that names no scope asks for
 *        these
 * @param named the scopes that a registration of our own named, because the client without them was refused; none for
 *        a registration that left the scopes to the issuer
 * @param expiresAt when its secret expires ({@code client_secret_expires_at}); null for never
 */
public record ClientRegistration(Issuer issuer, ClientIdentity client, List<RedirectUri> redirectUris, Scopes scope,
    Scopes named, @Nullable Instant expiresAt) {

  public ClientRegistration {
    redirectUris = List.copyOf(redirectUris);
  }

  /** A registration that left the scopes to the issuer, or that was not made by this deployment. */
  public ClientRegistration(Issuer issuer, ClientIdentity client, List<RedirectUri> redirectUris, Scopes scope,
      @Nullable Instant expiresAt) {
    this(issuer, client, redirectUris, scope, Scopes.none(), expiresAt);
  }

  /** The same registration, used as this client. */
  ClientRegistration as(ClientIdentity other) {
    return new ClientRegistration(issuer, other, redirectUris, scope, named, expiresAt);
  }

  /** The same registration under another spelling of the issuer. */
  ClientRegistration at(Issuer other) {
    return new ClientRegistration(other, client, redirectUris, scope, named, expiresAt);
  }

  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}
