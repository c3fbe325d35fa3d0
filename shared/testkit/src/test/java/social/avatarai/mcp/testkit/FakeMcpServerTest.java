package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FakeMcpServerTest {

  @Test
  void runsToolsAfterTheHandshake() throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "").handshake();
      assertThat(McpClient.result(client.request("tools/list", "{}")).path("tools")).hasSize(2);
      assertThat(client.text("echo", "{\"message\":\"hello\"}")).isEqualTo("hello");
      assertThat(client.text("whoami", "{}")).isEqualTo("anonymous");
      assertThat(McpClient.result(client.request("ping", "{}")).isObject()).isTrue();
      assertThat(server.methods()).containsExactly("initialize", "notifications/initialized", "tools/list",
          "tools/call", "tools/call", "ping");
      assertThat(server.requests()).hasSize(6).allMatch(request -> request.method().equals("POST"));
    }
  }

  @Test
  void respondsToAnUnknownMethodWithAJsonRpcError() throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "").handshake();
      var response = client.request("resources/list", "{}");
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(Http.body(response).at("/error/code").asInt()).isEqualTo(-32601);
      assertThat(Http.body(response).path("id").asText()).isEqualTo("r-1");
      assertThat(Http.body(client.call("delete_everything", "{}")).at("/error/code").asInt()).isEqualTo(-32602);
      assertThat(McpClient.result(client.call("echo", "{}")).path("isError").asBoolean()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"2025-11-25,2025-11-25", "2025-06-18,2025-06-18", "2026-07-28,2025-06-18", "2025-03-26,2025-06-18"})
  void agreesOnAVersionThatItSpeaks(String asked, String agreed) throws Exception {
    try (var server = FakeMcpServer.open()) {
      if (!asked.equals("2025-11-25")) server.adjust(mcp -> mcp.protocolVersions("2025-06-18"));
      var response = new McpClient(server.url(), "").initialize(asked);
      assertThat(McpClient.result(response).path("protocolVersion").asText()).isEqualTo(agreed);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {"not json;400;-32700", "[];400;-32600", "{\"id\":1};400;-32600",
      "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"};400;-32600"})
  void refusesWhatIsNoMessage(String body, int status, int code) throws Exception {
    try (var server = FakeMcpServer.open()) {
      var response = new McpClient(server.url(), "").handshake().send(body);
      assertThat(response.statusCode()).isEqualTo(status);
      assertThat(Http.body(response).at("/error/code").asInt()).isEqualTo(code);
    }
  }

  @Test
  void wantsBothMediaTypesAcceptedAndJsonSent() throws Exception {
    try (var server = FakeMcpServer.open()) {
      assertThat(Http.json(server.url(), "{}", "Accept", "application/json").statusCode()).isEqualTo(406);
      assertThat(Http.send("POST", server.url(), "{}").statusCode()).isEqualTo(415);
      assertThat(Http.get(server.url()).statusCode()).isEqualTo(405);
    }
  }

  @Test
  void takesTheResponseToItsOwnPing() throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "").handshake();
      var response = client.send("{\"jsonrpc\":\"2.0\",\"id\":\"server-1\",\"result\":{}}");
      assertThat(response.statusCode()).isEqualTo(202);
      assertThat(response.body()).isEmpty();
    }
  }

  @Test
  void playsScriptedExchangesAndMissesThemAtClose() throws Exception {
    var server = FakeMcpServer.open();
    var client = new McpClient(server.url(), "").handshake();
    server.mcpEndpoint().next(Response.redirect(307, "https://elsewhere.example/mcp"), Response.NONE, Response.of(502));
    var redirected = client.request("ping", "{}");
    assertThat(redirected.statusCode()).isEqualTo(307);
    assertThat(redirected.headers().firstValue("location")).contains("https://elsewhere.example/mcp");
    assertThatThrownBy(() -> client.request("ping", "{}")).isInstanceOf(IOException.class);
    assertThatThrownBy(server::close).isInstanceOf(AssertionError.class).hasMessageContaining("MCP endpoint")
        .hasMessageContaining("response 502");
  }
}
