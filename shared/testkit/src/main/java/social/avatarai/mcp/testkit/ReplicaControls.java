package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeSet;
import social.avatarai.mcp.http.Json;

/**
 * What a person can do to a replica by hand, below {@code /replica/}: end access tokens or whole grants, have an error page
 * in the place of the next token response, and see what was sent, without any value of it.
 */
final class ReplicaControls {
  static final String PATH = "/replica/";
  private static final Response ERROR_PAGE = Response.html(502,
      "<!doctype html><html lang=\"en\"><title>Bad gateway</title><h1>Bad gateway</h1></html>");

  private final FakeAuthorizationServer server;
  private final String mcpPath;

  /**
   * @param mcpPath the path of the MCP server, whose requests are not shown where it is at the same origin
   */
  ReplicaControls(FakeAuthorizationServer server, String mcpPath) {
    this.server = server;
    this.mcpPath = mcpPath;
  }

  Response respond(Received request) {
    return switch (request.method() + " " + request.path().substring(PATH.length())) {
      case "POST expire" -> done(server::expireAccessTokens, "the access tokens have ended");
      case "POST end-grants" -> done(() -> server.liveRefreshTokens().forEach(server::revoke), "the grants have ended");
      case "POST error-page" -> done(() -> server.tokenEndpoint().next(ERROR_PAGE),
          "the next token response is an error page");
      case "GET requests" -> Response.json(200, requests());
      default -> Response.of(404);
    };
  }

  private static Response done(Runnable action, String message) {
    action.run();
    return Response.of(200).body("text/plain; charset=utf-8", message + "\n");
  }

  /** The requests to the token, registration and revocation endpoints, in the order of their arrival. */
  private ObjectNode requests() {
    var shown = Json.newObject();
    var list = shown.putArray("requests");
    server.http().requests().stream()
        .filter(request -> !request.method().equals("GET") && !request.path().startsWith(mcpPath)
            && !request.path().startsWith("/messages"))
        .forEach(request -> list.add(described(request)));
    return shown;
  }

  private static ObjectNode described(Received request) {
    var shown = Json.newObject().put("request", request.method() + " " + request.path());
    for (String name : new String[]{"content-type", "accept", "notion-version"})
      request.header(name).ifPresent(value -> shown.put(name, value));
    request.header("authorization").ifPresent(value -> shown.put("authorization", value.replaceFirst(" .*", " …")));
    var names = new TreeSet<String>();
    if (request.isJson()) request.json().fieldNames().forEachRemaining(names::add);
    else
      names.addAll(request.parameters().keySet());
    names.forEach(shown.putArray("members")::add);
    return shown;
  }
}
