package social.avatarai.mcp.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells ID tokens from access tokens by their claims. Both are signed by the same keys of the same issuer. An ID token
 * says who logged in at a client, and does not allow anyone to call an API. Our authorizer function and the handlers
 * behind API Gateway's own authorizer use this rule. Pure.
 */
public final class AccessTokenRule {
  private AccessTokenRule() {}

  /**
   * Why these verified claims are not those of an access token; empty if they may be. Claims may be texts, as API
   * Gateway passes them on.
   */
  public static Optional<String> fault(JsonNode claims) {
    String use = claims.path("token_use").asText("");
    String type = claims.path("typ").asText("");
    // Cognito and Keycloak say in a claim what the token is.
    if (use.equals("id") || type.equals("ID")) return Optional.of("ID token");
    if (use.equals("access") || type.equals("Bearer")) return Optional.empty();
    // OpenID Connect Core §2 and §3.3.2.11, and FAPI 1.0 Part 2 §5.1.1: only ID tokens have these claims.
    if (Stream.of("nonce", "at_hash", "c_hash", "s_hash").anyMatch(claims::hasNonNull)) return Optional.of("ID token");
    return isForTheClientAlone(claims) ? Optional.of("audience is the client") : Optional.empty();
  }

  /**
   * Whether the only audience is the client itself and no scope is granted. OpenID Connect Core §2: this is the audience
   * of an ID token.
   */
  private static boolean isForTheClientAlone(JsonNode claims) {
    String only = onlyAudience(claims.path("aud"));
    boolean scoped = Stream.of("scope", "scp").map(claims::path)
        .anyMatch(scope -> !scope.isEmpty() || !scope.asText("").isBlank());
    return !only.isEmpty() && !scoped
        && Stream.of("azp", "client_id").anyMatch(name -> claims.path(name).asText("").equals(only));
  }

  /** The audience if there is one alone: a text, a list, or a list as API Gateway writes it, such as {@code [a b]}. */
  private static String onlyAudience(JsonNode audience) {
    if (audience.isArray()) return audience.size() == 1 ? audience.path(0).asText("") : "";
    String text = audience.asText("");
    return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
  }
}
