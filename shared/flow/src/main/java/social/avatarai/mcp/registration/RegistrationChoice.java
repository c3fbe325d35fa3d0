package social.avatarai.mcp.registration;

import java.util.List;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;

/** Chooses the client authentication method to request. Pure. */
final class RegistrationChoice {
  private RegistrationChoice() {}

  /**
   * {@code client_secret_post} if it is listed, else Basic, else none. Real servers disagree on whether Basic needs a
   * {@code client_id} in the body too, so no form of Basic works everywhere.
   */
  static ClientAuthenticationMethod method(AuthorizationServerMetadata metadata, ClientAuthenticationMethod unlisted) {
    List<String> listed = metadata.tokenEndpointAuthMethods();
    if (listed.isEmpty()) return unlisted;
    return List.of(ClientAuthenticationMethod.CLIENT_SECRET_POST, ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
        ClientAuthenticationMethod.NONE).stream().filter(method -> listed.contains(method.wireName())).findFirst()
        .orElse(unlisted);
  }
}
