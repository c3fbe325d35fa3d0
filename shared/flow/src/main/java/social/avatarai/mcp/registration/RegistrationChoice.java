package social.avatarai.mcp.registration;

import java.util.List;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;

/** Which client authentication method to ask for. Pure. */
final class RegistrationChoice {
  private RegistrationChoice() {}

  /**
   * {@code client_secret_post} where it is listed: servers in the field disagree on whether Basic wants a
   * {@code client_id} beside it, so that no one form of Basic fits all. Else Basic, else none.
   */
  static ClientAuthenticationMethod method(AuthorizationServerMetadata metadata, ClientAuthenticationMethod unlisted) {
    List<String> listed = metadata.tokenEndpointAuthMethods();
    if (listed.isEmpty()) return unlisted;
    return List.of(ClientAuthenticationMethod.CLIENT_SECRET_POST, ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
        ClientAuthenticationMethod.NONE).stream().filter(method -> listed.contains(method.wire())).findFirst()
        .orElse(unlisted);
  }
}
