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
 * @param scope the registered scopes; none when unknown
 * @param expiresAt when its secret expires ({@code client_secret_expires_at}); null for never
 */
public record ClientRegistration(Issuer issuer, ClientIdentity client, List<RedirectUri> redirectUris, Scopes scope,
    @Nullable Instant expiresAt) {

  public ClientRegistration {
    redirectUris = List.copyOf(redirectUris);
  }

  /** The same registration, used as this client. */
  ClientRegistration as(ClientIdentity other) {
    return new ClientRegistration(issuer, other, redirectUris, scope, expiresAt);
  }

  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}
