package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.Received;

/** A new user who calls the service over HTTP, and everything that the service responds. */
final class ApiUser implements AutoCloseable {
  static final String ACCESS = "/api/mcp/oauth/access-resource";

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> responses = new ArrayList<>();
  private final String user = "user-" + Unguessable.text();
  private final String base;

  ApiUser(String base) {
    this.base = base;
  }

  /** A response to the user. */
  record ApiResponse(int status, JsonNode body, List<String> cookies) {
    ApiResponse succeeded() {
      assertThat(status).as(body.toString()).isEqualTo(200);
      return this;
    }

    String text(String member) {
      return body.path(member).asText();
    }
  }

  @Override
  public void close() {
    client.close();
  }

  /** The user's id. */
  String name() {
    return user;
  }

  /** The bodies and headers of all responses. */
  List<String> responses() {
    return responses;
  }

  ApiResponse get(String path, Map<String, String> query, String... headers) {
    return send(HttpRequest.newBuilder(URI.create(base + path + "?" + OutboundRequest.formBody(query))), headers);
  }

  ApiResponse post(String path, ObjectNode body) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  ApiResponse put(String path, ObjectNode body) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).header("Content-Type", "application/json")
        .PUT(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  ApiResponse delete(String path) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).DELETE());
  }

  private ApiResponse send(HttpRequest.Builder request, String... headers) {
    if (headers.length > 0) request.headers(headers);
    try {
      var response = client.send(request.header("X-Local-User", user).build(), HttpResponse.BodyHandlers.ofString());
      responses.add(response.body() + response.headers().map());
      assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
      return new ApiResponse(response.statusCode(), Json.value(response.body().getBytes(UTF_8)).orElseThrow(),
          response.headers().allValues("set-cookie"));
    } catch (IOException e) {
      throw new AssertionError("no response", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  // The steps of the guide

  ApiResponse register(FakeAuthorizationServer server, String method) {
    var body = Json.newObject().put("token_endpoint_auth_method", method);
    body.putArray("grant_types").add("authorization_code").add("refresh_token");
    return post("/api/mcp/oauth/register-client?registration_url="
        + OutboundRequest.formEncode(server.issuer() + "/register"), body).succeeded();
  }

  ApiResponse begin(FakeAuthorizationServer server, String clientId, String resource) {
    return get("/api/mcp/oauth/start-authorization",
        Map.of("auth_server_url", server.issuer(), "client_id", clientId, "resource", resource)).succeeded();
  }

  /** The user consents, and the browser comes back with its cookie. */
  ApiResponse consent(FakeAuthorizationServer server, ApiResponse begun) {
    URI back = server.approve(begun.text("authorization_url"));
    var query = new Received("GET", back.getRawPath(), back.getRawQuery(), Map.of(), "").parameters();
    return get(back.getPath(), query, "Cookie", begun.cookies().getFirst().replaceFirst(";.*", ""));
  }

  ApiResponse callTool(String resource) {
    var body = Json.newObject().put("resource_url", resource).put("method", "tools/call");
    body.putObject("params").put("name", "whoami").putObject("arguments");
    return post(ACCESS, body);
  }

  /** The same call by a client that speaks MCP. */
  ApiResponse callToolAsClient() {
    return callToolAsClient(connection(), "whoami");
  }

  ApiResponse callToolAsClient(String connection, String tool) {
    var message = Json.newObject().put("jsonrpc", "2.0").put("id", 1).put("method", "tools/call");
    message.putObject("params").put("name", tool).putObject("arguments");
    return post("/api/mcp/servers/" + connection + "/mcp", message);
  }

  ApiResponse refresh() {
    return post("/api/mcp/oauth/refresh-token", Json.newObject().put("server_id", connection()));
  }

  ApiResponse disconnect() {
    return delete("/api/mcp/servers/" + OutboundRequest.formEncode(connection()) + "/connection");
  }

  /** The user's only connection. */
  private String connection() {
    return get("/api/mcp/connections", Map.of()).body().path("connections").path(0).path("id").asText();
  }

  /** Leaves these members out of the last response, because they hand over tokens on purpose. */
  void forgetHandedOver(Set<String> members) {
    var body = Json.object(responses.removeLast().replaceFirst("}\\{[^{]*$", "}").getBytes(UTF_8)).orElseThrow();
    responses.add(body.remove(members).toString());
  }
}
