package social.avatarai.mcp.registration;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;

/**
 * What is sent to a token endpoint to prove who we are.
 *
 * @param id the client identifier
 * @param method the one place they go in
 * @param secret the secret; null for a public client
 */
public record Credentials(ClientId id, ClientAuthenticationMethod method, @Nullable ClientSecret secret) {

  public static Credentials publicClient(ClientId id) {
    return new Credentials(id, ClientAuthenticationMethod.NONE, null);
  }
}
