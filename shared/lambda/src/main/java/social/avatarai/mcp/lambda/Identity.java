package social.avatarai.mcp.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;

/**
 * The caller, from the claims that an authorizer has verified: API Gateway's own authorizer or our authorizer function.
 * Scopes are checked here for both, because a route with a Lambda authorizer has no scopes. ID tokens are refused here
 * too, because API Gateway's own authorizer accepts them.
 */
final class Identity {
  private static final String OPERATOR_SCOPE = "mcp:operator";

  private Identity() {}

  static Caller of(APIGatewayV2HTTPEvent event, Settings settings) {
    JsonNode claims = claims(event);
    if (AccessTokenRule.fault(claims).isPresent() || AccessTokenRule.isOtherKind(headerType(event))) {
      throw new Failure.NotPermitted(ErrorCode.UNAUTHENTICATED, "The caller's token is not an access token.");
    }
    var scopes = scopes(claims);
    var user = user(claims.path(settings.userClaim()));
    boolean operator = scopes.contains(OPERATOR_SCOPE);
    String required = settings.requiredScope();
    if (required.isEmpty() || scopes.contains(required) || operator) return new Caller(user, operator);
    throw new Failure.NotPermitted(ErrorCode.FORBIDDEN, "The caller's token lacks the scope " + required + ".");
  }

  /** The claims; none if no authorizer has verified any. */
  private static ObjectNode claims(APIGatewayV2HTTPEvent event) {
    var claims = Json.newObject();
    var context = event.getRequestContext();
    var authorizer = context == null ? null : context.getAuthorizer();
    if (authorizer == null) return claims;
    Map<String, ?> verified = authorizer.getJwt() != null && authorizer.getJwt().getClaims() != null
        ? authorizer.getJwt().getClaims()
        : authorizer.getLambda();
    if (verified == null) return claims;
    for (var claim : verified.entrySet())
      claims.set(claim.getKey(), tree(claim.getValue()));
    return claims;
  }

  /**
   * A claim as JSON. A number or a boolean may be a text, as API Gateway passes claims on. Without a pattern switch, which
   * a cold start would pay for: nearly every claim is a text.
   */
  private static JsonNode tree(@Nullable Object value) {
    if (value == null) return NullNode.getInstance();
    if (value instanceof List<?> list) {
      var array = Json.newObject().arrayNode();
      for (var element : list)
        array.add(tree(element));
      return array;
    }
    if (value instanceof Map<?, ?> map) {
      var object = Json.newObject();
      for (var member : map.entrySet())
        object.set(String.valueOf(member.getKey()), tree(member.getValue()));
      return object;
    }
    return TextNode.valueOf(value.toString());
  }

  /**
   * The type in the header of the caller's JWT; empty if there is none. API Gateway's own authorizer checks the signature
   * and leaves the type to us. Our authorizer function has checked it already.
   */
  private static String headerType(APIGatewayV2HTTPEvent event) {
    String authorization = authorization(event);
    String header = authorization.substring(authorization.lastIndexOf(' ') + 1).split("\\.", 2)[0];
    try {
      return Json.object(Base64.getUrlDecoder().decode(header)).flatMap(json -> Json.text(json, "typ")).orElse("");
    } catch (IllegalArgumentException e) {
      return ""; // Not a JWT, so API Gateway has not let it through as one.
    }
  }

  private static String authorization(APIGatewayV2HTTPEvent event) {
    var headers = event.getHeaders();
    String authorization = headers == null ? null : headers.get("authorization");
    return Objects.requireNonNullElse(authorization, "");
  }

  private static UserId user(JsonNode claim) {
    String text = claim.asText("");
    try {
      return new UserId(text);
    } catch (IllegalArgumentException e) {
      throw new Failure.NotPermitted(ErrorCode.UNAUTHENTICATED, text.length() > UserId.MAX_LENGTH
          ? "The caller's user id is longer than " + UserId.MAX_LENGTH + " characters."
          : "The request has no verified caller.");
    }
  }

  /** Reads {@code scope}, a text, or {@code scp}, a list, which API Gateway writes as {@code [a b]}. */
  private static List<String> scopes(JsonNode claims) {
    // Commas and brackets are part of a scope token (RFC 6749 §3.3). Only the list that API Gateway writes is split at
    // them.
    String[] scopes = claims.hasNonNull("scope")
        ? claims.path("scope").asText().split(" +", -1)
        : claims.path("scp").asText("").split("[\\[\\], ]+", -1);
    return Arrays.stream(scopes).filter(scope -> !scope.isEmpty()).toList();
  }
}
