package social.avatarai.mcp.functions.authorizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.AccessTokenRule;

/**
 * Which claims a token must have (RFC 7519 §4.1), and which of them the functions get. Only the clock is not pure here.
 */
final class ClaimRules {
  private static final long SKEW_SECONDS = 60;

  private final AuthorizerSettings settings;
  private final Clock clock;

  ClaimRules(AuthorizerSettings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** Judges the claims of a token whose signature is good. */
  Verdict judge(ObjectNode claims) {
    return fault(claims).<Verdict>map(Verdict.Denied::new).orElseGet(() -> new Verdict.Authorized(context(claims)));
  }

  private Optional<String> fault(ObjectNode claims) {
    double now = clock.instant().getEpochSecond();
    if (!Json.text(claims, "iss").filter(settings.issuer()::equals).isPresent()) return Optional.of("issuer");
    if (texts(claims.path("aud")).noneMatch(settings.audiences()::contains)) return Optional.of("audience");
    if (!claims.path("exp").isNumber()) return Optional.of("no expiry");
    if (claims.path("exp").doubleValue() + SKEW_SECONDS <= now) return Optional.of("expired");
    if (!isPast(claims.path("nbf"), now)) return Optional.of("not valid yet");
    if (!isPast(claims.path("iat"), now)) return Optional.of("issued in the future");
    return AccessTokenRule.fault(claims);
  }

  /** Whether the time is absent, or a number that is not in the future. */
  private static boolean isPast(JsonNode time, double now) {
    return time.isMissingNode() || (time.isNumber() && time.doubleValue() <= now + SKEW_SECONDS);
  }

  /** Every claim that is a single value, as a text. Scopes become one text, in whatever form the issuer lists them. */
  private static ObjectNode context(ObjectNode claims) {
    var context = Json.newObject();
    claims.properties().stream().filter(claim -> claim.getValue().isValueNode() && !claim.getValue().isNull())
        .forEach(claim -> context.put(claim.getKey(), claim.getValue().asText()));
    JsonNode scope = claims.hasNonNull("scope") ? claims.path("scope") : claims.path("scp");
    return context.put("scope", texts(scope).collect(Collectors.joining(" ")));
  }

  /** The texts of a claim that is one text or a list of texts. */
  private static Stream<String> texts(JsonNode claim) {
    return (claim.isArray() ? claim.valueStream() : Stream.of(claim)).filter(JsonNode::isTextual)
        .map(JsonNode::textValue);
  }
}
