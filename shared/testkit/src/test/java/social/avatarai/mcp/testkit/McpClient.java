package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/** A correct MCP client of the legacy era. A test can then leave out one thing. */
final class McpClient {
  private final String url;
  private final String token;
  private String session = "";
  private String version = "";

  /** A client with an access token; "" for none. */
  McpClient(String url, String token) {
    this.url = url;
    this.token = token;
  }

  /** Another caller who knows this session. */
  McpClient withToken(String other) {
    var client = new McpClient(url, other);
    client.session = session;
    client.version = version;
    return client;
  }

  McpClient handshake() throws IOException, InterruptedException {
    initialize("2025-11-25");
    notifyInitialized();
    return this;
  }

  HttpResponse<String> initialize(String wanted) throws IOException, InterruptedException {
    var response = request("initialize", """
        {"protocolVersion":"%s","capabilities":{},"clientInfo":{"name":"test","version":"1"}}""".formatted(wanted));
    session = response.headers().firstValue("mcp-session-id").orElse("");
    if (response.statusCode() == 200) version = Http.body(response).at("/result/protocolVersion").asText();
    return response;
  }

  HttpResponse<String> notifyInitialized() throws IOException, InterruptedException {
    return send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
  }

  HttpResponse<String> request(String method, String params) throws IOException, InterruptedException {
    return send("{\"jsonrpc\":\"2.0\",\"id\":\"r-1\",\"method\":\"%s\",\"params\":%s}".formatted(method, params));
  }

  HttpResponse<String> call(String tool, String arguments) throws IOException, InterruptedException {
    return request("tools/call", "{\"name\":\"%s\",\"arguments\":%s}".formatted(tool, arguments));
  }

  /** The text in a tool's result. */
  String text(String tool, String arguments) throws IOException, InterruptedException {
    return result(call(tool, arguments)).at("/content/0/text").asText();
  }

  HttpResponse<String> send(String message) throws IOException, InterruptedException {
    return Http.json(url, message, headers());
  }

  HttpResponse<String> delete() throws IOException, InterruptedException {
    return Http.send("DELETE", url, "", headers());
  }

  static JsonNode result(HttpResponse<String> response) throws IOException {
    return Http.body(response).path("result");
  }

  String[] headers() {
    var headers = new ArrayList<>(List.of("Accept", "application/json, text/event-stream"));
    if (!token.isEmpty()) headers.addAll(List.of("Authorization", "Bearer " + token));
    if (!session.isEmpty()) headers.addAll(List.of("Mcp-Session-Id", session));
    if (!version.isEmpty()) headers.addAll(List.of("MCP-Protocol-Version", version));
    return headers.toArray(String[]::new);
  }

  McpClient withSession(String other) {
    session = other;
    return this;
  }

  McpClient withVersion(String other) {
    version = other;
    return this;
  }
}
