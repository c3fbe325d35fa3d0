package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Pattern;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.RegistrationAccessToken;
import social.avatarai.mcp.http.Json;

/**
 * Where a registration can be ended, and the token for it (RFC 7592 §3). Reading and changing one there is not
 * supported: nothing here needs it.
 *
 * @param url {@code registration_client_uri}
 * @param token {@code registration_access_token}
 */
public record RegistrationManagement(EndpointUrl url, RegistrationAccessToken token) {
  /** RFC 6750 §2.1; anything else could not be sent as it is. */
  private static final Pattern BEARER = Pattern.compile("[A-Za-z0-9._~+/-]{1,4096}=*");

  /**
   * What a registration was answered with; empty where the server offers none, or at another origin than the one that
   * was registered at: nobody else is to be shown the token.
   */
  static Optional<RegistrationManagement> of(ObjectNode response, EndpointUrl registrationEndpoint) {
    var url = Json.text(response, "registration_client_uri").flatMap(RegistrationManagement::url)
        .filter(uri -> uri.origin().equals(registrationEndpoint.origin()));
    var token = Json.text(response, "registration_access_token").filter(text -> BEARER.matcher(text).matches());
    return url.flatMap(uri -> token.map(text -> new RegistrationManagement(uri, new RegistrationAccessToken(text))));
  }

  private static Optional<EndpointUrl> url(String text) {
    try {
      return Optional.of(new EndpointUrl(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
