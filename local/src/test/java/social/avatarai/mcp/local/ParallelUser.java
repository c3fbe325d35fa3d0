package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;

/**
 * One of many users who call the same handlers at once. Each user has an issuer and an MCP server of their own, so every
 * response can be told from the responses to the others. Each method is one call, or a few, and checks its result.
 */
final class ParallelUser implements AutoCloseable {
  private static final String OAUTH = "/api/mcp/oauth/";
  private static final String SERVERS = "/api/mcp/servers";

  private final FakeAuthorizationServer issuer = FakeAuthorizationServer.start();
  private final FakeMcpServer server = FakeMcpServer.protectedBy(issuer);
  private final HttpClient browser = HttpClient.newHttpClient();
  private final ApiUser user;
  private final String id;
  private String clientId = "";
  private String refreshToken = "";
  private String completionCode = "";

  ParallelUser(String base, int number) {
    this.id = "server-" + number;
    this.user = new ApiUser(base);
  }

  void discoverResource() {
    var found = user.get(OAUTH + "discover-resource", Map.of("resource_url", server.url())).succeeded();
    assertThat(found.body().toString()).contains("\"resource\":\"" + server.url() + "\"", issuer.issuer());
  }

  void discoverIssuer() {
    var found = user.get(OAUTH + "discover-auth-server", Map.of("auth_server_url", issuer.issuer())).succeeded();
    assertThat(found.body().toString()).contains("\"issuer\":\"" + issuer.issuer() + "\"");
  }

  /** The redirect URI of the issuer, and the document under its context, which lists that redirect URI. */
  void readOwnDocuments() {
    String uri = user.get(OAUTH + "redirect-uri", Map.of("auth_server_url", issuer.issuer())).succeeded()
        .text("redirect_uri");
    String context = uri.replaceFirst(".*/issuer/([0-9a-f]+)/callback$", "$1");
    var document = user.get(OAUTH + "client-metadata/" + context + ".json", Map.of()).succeeded();
    assertThat(document.body().path("redirect_uris").path(0).asText()).isEqualTo(uri);
  }

  void register() {
    clientId = user.register(issuer, "none").text("client_id");
    assertThat(issuer.registrations()).hasSize(1);
  }

  /** Starts a flow by the guide, consents, and comes back in the same browser. */
  void startAndComeBack() {
    var begun = user.begin(issuer, clientId, server.url());
    assertThat(begun.text("authorization_url")).startsWith(issuer.issuer() + "/authorize?")
        .contains("client_id=" + OutboundRequest.formEncode(clientId), "state=" + begun.text("state"));
    var tokens = user.consent(issuer, begun).succeeded();
    assertThat(issuer.accepts(tokens.text("access_token"))).isTrue();
    refreshToken = tokens.text("refresh_token");
    assertThat(issuer.liveRefreshTokens()).containsExactly(refreshToken);
  }

  void access() {
    for (int i = 0; i < 5; i++) {
      var body = echo(Json.newObject().put("resource_url", server.url()).put("method", "tools/call"), i);
      assertEchoed(user.post(ApiUser.ACCESS, body).succeeded().body().path("data"), i);
    }
    assertThat(server.received("tools/call")).isEqualTo(5);
  }

  void refresh() {
    var renewed = user.post(OAUTH + "refresh-token", Json.newObject().put("refresh_token", refreshToken)
        .put("auth_server_url", issuer.issuer()).put("client_id", clientId)).succeeded();
    assertThat(issuer.accepts(renewed.text("access_token"))).isTrue();
    assertThat(issuer.refreshTokensSent()).containsExactly(refreshToken);
  }

  void putServer() {
    var record = Json.newObject().put("name", "of " + id);
    record.putObject("endpoint").put("type", "http").put("url", server.url());
    user.put(SERVERS + "/" + id, record).succeeded();
    var read = user.get(SERVERS + "/" + id, Map.of()).succeeded();
    assertThat(read.text("name")).isEqualTo("of " + id);
    assertThat(read.body().path("endpoint").path("url").asText()).isEqualTo(server.url());
  }

  /** Connects in a browser without the cookie, so that the flow has to be completed. */
  void connectElsewhere() {
    var begun = user.post(SERVERS + "/" + id + "/connect", Json.newObject()).succeeded();
    assertThat(begun.text("authorization_url")).startsWith(issuer.issuer() + "/authorize?");
    String location = visit(issuer.approve(begun.text("authorization_url")));
    assertThat(location).contains("#completion_code=");
    completionCode = URLDecoder.decode(location.replaceFirst(".*#completion_code=([^&]*).*", "$1"), UTF_8);
  }

  void complete() {
    var tokens = user.post(OAUTH + "complete", Json.newObject().put("completion_code", completionCode)).succeeded();
    assertThat(issuer.accepts(tokens.text("access_token"))).isTrue();
  }

  void callAsClient() {
    for (int i = 0; i < 5; i++) {
      var message = Json.newObject().put("jsonrpc", "2.0").put("id", id + "-" + i).put("method", "tools/call");
      var response = user.post(SERVERS + "/" + id + "/mcp", echo(message, i)).succeeded();
      assertThat(response.text("id")).isEqualTo(id + "-" + i);
      assertEchoed(response.body().path("result"), i);
    }
  }

  void list() {
    var connections = user.get("/api/mcp/connections", Map.of()).succeeded().body().path("connections");
    assertThat(connections.findValuesAsText("resource")).isNotEmpty().containsOnly(server.url());
    assertThat(connections.findValuesAsText("issuer")).containsOnly(issuer.issuer());
    assertThat(connections.path(0).path("id").asText()).isEqualTo(id);
  }

  void disconnect() {
    user.delete(SERVERS + "/" + id + "/connection").succeeded();
    assertThat(issuer.revocations()).isNotEmpty();
    assertThat(connectionStates()).contains("disconnected", "connected");
  }

  void beForgotten() {
    var forgotten = user.delete("/api/mcp/users/" + OutboundRequest.formEncode(user.name()));
    assertThat(forgotten.status()).as("flows under way are waited for").isEqualTo(202);
    assertThat(forgotten.body().path("left").asInt(-1)).isZero();
    assertThat(connectionStates()).isEmpty();
    assertThat(issuer.liveRefreshTokens()).isEmpty();
  }

  private List<String> connectionStates() {
    return user.get("/api/mcp/connections", Map.of()).succeeded().body().path("connections").findValuesAsText("status");
  }

  private ObjectNode echo(ObjectNode call, int number) {
    call.putObject("params").put("name", "echo").putObject("arguments").put("message", id + " says " + number);
    return call;
  }

  private void assertEchoed(JsonNode result, int number) {
    assertThat(result.path("content").path(0).path("text").asText()).isEqualTo(id + " says " + number);
  }

  private String visit(URI callback) {
    try {
      return browser.send(HttpRequest.newBuilder(callback).header("Accept", "text/html").build(),
          HttpResponse.BodyHandlers.discarding()).headers().firstValue("location").orElse("");
    } catch (IOException e) {
      throw new AssertionError("no response", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    try (issuer; browser) {
      server.close();
      user.close();
    }
  }
}
