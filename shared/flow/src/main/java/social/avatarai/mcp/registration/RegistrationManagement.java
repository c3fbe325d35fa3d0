package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Pattern;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.RegistrationAccessToken;
import social.avatarai.mcp.http.Json;

/**
 * Where a registration can be deleted, and the token for that (RFC 7592 §3). Reading and changing a registration there
 * is not supported, because nothing here needs it.
 *
 * @param url {@code registration_client_uri}
 * @param token {@code registration_access_token}
 */
public record RegistrationManagement(EndpointUrl url, RegistrationAccessToken token) {
  /** RFC 6750 §2.1. Any other text could not be sent unchanged. */
  private static final Pattern BEARER = Pattern.compile("[A-Za-z0-9._~+/-]{1,4096}=*");

  /**
   * Reads it from the response to a registration. Empty if the server offers none, or offers it at another origin than
   * the registration endpoint: the token must not be sent to another party.
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
