package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Optional;

/**
 * Invokes the handler of a route, as Lambda would for API Gateway. The header {@code X-Local-User} names the caller.
 */
final class LocalInvoker {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Routes routes;
  private final String userClaim;

  /** @param userClaim the claim of the app's JWT in which the handlers look for the user */
  LocalInvoker(Routes routes, String userClaim) {
    this.routes = routes;
    this.userClaim = userClaim;
  }

  /** Responds to a request for a route; false if no route fits. */
  boolean serve(HttpExchange exchange, ApiEvent.Incoming request) throws IOException {
    var match = routes.find(request.method(), request.rawPath());
    if (match.isEmpty()) return false;
    var claims = new ApiEvent.Claims(userClaim, header(exchange, "X-Local-User", "local-user"),
        header(exchange, "X-Local-Scope", ""));
    var event = ApiEvent.of(request, match.get(), claims);
    JsonNode reply = JSON.readTree(LocalInvocation.of(match.get().handler(), event.toString()));
    reply.path("headers").properties()
        .forEach(header -> exchange.getResponseHeaders().set(header.getKey(), header.getValue().asText()));
    reply.path("cookies").forEach(cookie -> exchange.getResponseHeaders().add("Set-Cookie", cookie.asText()));
    LocalFront.send(exchange, reply.path("statusCode").asInt(), reply.path("body").asText(""));
    return true;
  }

  private static String header(HttpExchange exchange, String name, String otherwise) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse(otherwise);
  }
}
