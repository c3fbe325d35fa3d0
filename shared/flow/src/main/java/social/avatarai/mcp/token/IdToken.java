package social.avatarai.mcp.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;

/**
 * The ID token of a token response (OpenID Connect Core §2). It is only read to name an account: it logs no user in.
 *
 * <p>Rule: an ID token is validated (§3.1.3.7). Deviation: its signature is not checked, and {@code alg} is not read.
 * Forced by: nothing; point 6 allows this where the token endpoint itself has sent the ID token over TLS, which is the
 * only place where one is read. Still strict: {@code iss}, {@code aud}, {@code azp}, {@code exp} and {@code nonce}.
 */
final class IdToken {
  /** Point 9 allows for clocks that differ a little. */
  private static final Duration LEEWAY = Duration.ofMinutes(1);

  private IdToken() {}

  /** The claims in a token response, unchecked; empty if the response has no ID token that can be read. */
  static Optional<ObjectNode> claims(ObjectNode response) {
    return Json.text(response, "id_token").flatMap(IdToken::decoded);
  }

  private static Optional<ObjectNode> decoded(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) return Optional.empty();
    try {
      return Json.object(Base64.getUrlDecoder().decode(parts[1]));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Which claim shows that the ID token is not for this client or not for now; empty if none does. */
  static Optional<String> fault(ObjectNode claims, Issuer issuer, ClientId client, Instant now) {
    // OpenID Connect Core §3.1.3.7, points 2, 3, 4 and 5, 9, 11
    if (!issuer.value().equals(claims.path("iss").textValue())) return Optional.of("iss");
    if (!isOnly(claims.path("aud"), client)) return Optional.of("aud");
    var azp = claims.path("azp");
    if (!azp.isMissingNode() && !client.value().equals(azp.textValue())) return Optional.of("azp");
    if (!isLater(claims.path("exp"), now.minus(LEEWAY))) return Optional.of("exp");
    // We send no nonce: PKCE ties the code to the flow. An ID token with a nonce is the response to another request.
    return isSaid(claims.path("nonce")) ? Optional.of("nonce") : Optional.empty();
  }

  /** Another audience beside this client is not trusted here, so it is a fault. */
  private static boolean isOnly(JsonNode audience, ClientId client) {
    var named = audience.isArray() && audience.size() == 1 ? audience.get(0) : audience;
    return client.value().equals(named.textValue());
  }

  private static boolean isLater(JsonNode seconds, Instant moment) {
    return seconds.isNumber() && seconds.doubleValue() > moment.getEpochSecond();
  }

  private static boolean isSaid(JsonNode claim) {
    return !claim.isMissingNode() && !claim.isNull() && !"".equals(claim.textValue());
  }
}
