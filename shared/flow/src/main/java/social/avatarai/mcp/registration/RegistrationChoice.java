package social.avatarai.mcp.registration;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;

/** Chooses the method by which a client authenticates. Pure. */
final class RegistrationChoice {
  private RegistrationChoice() {}

  /**
   * A client with its method. The method of a client that was registered by hand is that of its record, else that of the
   * profile, else that of the metadata, else Basic.
   *
   * @param named the method that its record says; null for none
   */
  static ClientIdentity authenticated(ClientIdentity client, @Nullable ClientAuthenticationMethod named,
      AuthorizationServerMetadata server, Profiles profiles) {
    if (client.origin() != ClientIdentity.Origin.PREREGISTERED || !client.hasStoredSecret()) return client;
    return client.authenticatingBy(Optional.ofNullable(named)
        .or(() -> profiles.of(server.issuer()).map(Profile::authMethod))
        .orElseGet(() -> method(server, ClientAuthenticationMethod.CLIENT_SECRET_BASIC)));
  }

  /**
   * The method to register with: {@code client_secret_post} if it is listed, else Basic, else none. Real servers
   * disagree on whether Basic needs a {@code client_id} in the body too, so no form of Basic works everywhere.
   */
  static ClientAuthenticationMethod method(AuthorizationServerMetadata metadata, ClientAuthenticationMethod unlisted) {
    List<String> listed = metadata.tokenEndpointAuthMethods();
    if (listed.isEmpty()) return unlisted;
    return List.of(ClientAuthenticationMethod.CLIENT_SECRET_POST, ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
        ClientAuthenticationMethod.NONE).stream().filter(method -> listed.contains(method.wireName())).findFirst()
        .orElse(unlisted);
  }
}
