package social.avatarai.mcp.registration;

import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;

/** What a client proves its identity with at a token endpoint (RFC 6749 §2.3). Each method has what it needs. */
public sealed interface ClientCredentials {
  /** The client identifier. */
  ClientId id();

  /** A public client. It only sends its identifier. */
  record None(ClientId id) implements ClientCredentials {}

  /** {@code client_secret_basic}: identifier and secret in the {@code Authorization} header. */
  record SecretBasic(ClientId id, ClientSecret secret) implements ClientCredentials {}

  /** {@code client_secret_post}: identifier and secret in the body. */
  record SecretPost(ClientId id, ClientSecret secret) implements ClientCredentials {}
}
