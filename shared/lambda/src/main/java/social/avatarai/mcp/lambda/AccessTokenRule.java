package social.avatarai.mcp.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Tells access tokens from the other JWTs that the same keys of the same issuer sign. An ID token says who logged in at a
 * client, a logout token who logged out; neither allows anyone to call an API. Our authorizer function and the handlers
 * behind API Gateway's own authorizer use this rule. A token that says nothing of its kind may be an access token. Pure.
 */
public final class AccessTokenRule {
  private static final Set<String> ACCESS_TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");
  /** What Keycloak writes into the claim {@code typ} of its other tokens. */
  private static final Set<String> OTHER_TYPES = Set.of("logout", "refresh", "offline");

  private AccessTokenRule() {}

  /**
   * Whether the type in a JWT's header is one of an access token (RFC 9068 §2.1) or of any JWT (RFC 7519 §5.1). A JWT of
   * another type was made for another purpose (RFC 8725 §3.11).
   */
  public static boolean isType(String type) {
    return ACCESS_TYPES.contains(type.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether a type, in the header or in the claim {@code typ}, names another kind of JWT: {@code logout+jwt},
   * {@code secevent+jwt}, {@code token-introspection+jwt} and all others that are registered end in this way.
   */
  static boolean isOtherKind(String type) {
    return type.toLowerCase(Locale.ROOT).endsWith("+jwt") && !isType(type);
  }

  /**
   * Why these verified claims are not those of an access token; empty if they may be. Claims may be texts, as API
   * Gateway passes them on.
   */
  public static Optional<String> fault(JsonNode claims) {
    String use = claims.path("token_use").asText("");
    String type = claims.path("typ").asText("");
    // Cognito and Keycloak say in a claim what the token is.
    if (use.equals("id") || type.equals("ID")) return Optional.of("ID token");
    if (OTHER_TYPES.contains(type.toLowerCase(Locale.ROOT)) || isOtherKind(type)) return Optional.of("type");
    if (use.equals("access") || type.equals("Bearer")) return Optional.empty();
    // OpenID Connect Core §2 and §3.3.2.11, and FAPI 1.0 Part 2 §5.1.1: only ID tokens have these claims.
    if (Stream.of("nonce", "at_hash", "c_hash", "s_hash").anyMatch(claims::hasNonNull)) return Optional.of("ID token");
    if (isAnotherDocument(claims)) return Optional.of("another kind of JWT");
    return isForTheClientAlone(claims) ? Optional.of("audience is the client") : Optional.empty();
  }

  /**
   * Whether these are the claims of a security event, such as a logout token (RFC 8417 §2.2: {@code events} is an
   * object; OpenID Connect Back-Channel Logout §2.4), or of an introspection response (RFC 9701 §5). API Gateway writes
   * an object as a text.
   */
  private static boolean isAnotherDocument(JsonNode claims) {
    JsonNode events = claims.path("events");
    String text = events.asText("").strip();
    return events.isObject() || text.startsWith("{") || text.startsWith("map[")
        || claims.hasNonNull("token_introspection");
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
