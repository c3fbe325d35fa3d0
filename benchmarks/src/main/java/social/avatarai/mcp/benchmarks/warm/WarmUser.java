package social.avatarai.mcp.benchmarks.warm;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;

/** A user of the service, who connects the MCP server and calls it. Each user has a connection to the front. */
final class WarmUser implements AutoCloseable {
  static final String SERVER = "warm";

  private final int port;
  private final String user;
  private Wire wire;
  private final String accessHead;
  private final String proxyHead;

  WarmUser(int port, String user) {
    this.port = port;
    this.user = user;
    this.wire = Wire.to(port);
    this.accessHead = head("POST", "/api/mcp/oauth/access-resource", "");
    this.proxyHead = head("POST", "/api/mcp/servers/" + SERVER + "/mcp",
        "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-11-25\r\n");
  }

  /** Connects the server at this URL, with the user's consent, and lists its tools. */
  void connect(String url, FakeAuthorizationServer issuer) {
    var server = Json.newObject().put("name", "warm");
    server.putObject("endpoint").put("type", "http").put("url", url);
    send("PUT", "/api/mcp/servers/" + SERVER, "", server);
    var begun = send("POST", "/api/mcp/servers/" + SERVER + "/connect", "", Json.newObject());
    String cookie = "Cookie: " + begun.header("set-cookie").replaceFirst(";.*", "") + "\r\n";
    var back = issuer.approve(Json.object(begun.body().getBytes(UTF_8)).orElseThrow().path("authorization_url")
        .asText());
    wire.send(head("GET", back.getRawPath() + "?" + back.getRawQuery(), cookie), "");
    succeeded(wire.receive().orElseThrow());
    access("tools/list", Json.newObject());
  }

  /** This user with a new connection to the front, which closes connections without requests. */
  WarmUser again() {
    wire.close();
    wire = Wire.to(port);
    return this;
  }

  /** The tool is called by the service's own route. */
  void callByAccess() {
    access("tools/call", params());
  }

  /** The tool is called as an MCP client calls it. */
  void callByProxy() {
    wire.send(proxyHead, rpc().toString());
    succeeded(wire.receive().orElseThrow());
  }

  static ObjectNode rpc() {
    var message = Json.newObject().put("jsonrpc", "2.0").put("id", 1).put("method", "tools/call");
    return message.set("params", params());
  }

  private static ObjectNode params() {
    var params = Json.newObject().put("name", "say");
    params.putObject("arguments").put("text", "what is the answer?");
    return params;
  }

  private void access(String method, ObjectNode params) {
    var body = Json.newObject().put("server_id", SERVER).put("method", method);
    body.set("params", params);
    wire.send(accessHead, body.toString());
    succeeded(wire.receive().orElseThrow());
  }

  private Wire.Message send(String method, String path, String headers, ObjectNode body) {
    wire.send(head(method, path, headers), body.toString());
    return succeeded(wire.receive().orElseThrow());
  }

  private String head(String method, String path, String headers) {
    return method + " " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\nX-Local-User: " + user
        + "\r\nContent-Type: application/json\r\n" + headers;
  }

  static Wire.Message succeeded(Wire.Message response) {
    if (response.status() == 200) return response;
    throw new IllegalStateException("HTTP " + response.status() + " " + response.body());
  }

  static int portOf(String url) {
    return URI.create(url).getPort();
  }

  @Override
  public void close() {
    wire.close();
  }
}
