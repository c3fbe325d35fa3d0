package social.avatarai.mcp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import social.avatarai.mcp.testkit.McpServerKnobs.StreamFeature;

class EventStreamTest {

  @Test
  void respondsInOneEvent() throws Exception {
    assertThat(pingResponse()).isEqualTo("""
        event: message
        data: {"jsonrpc":"2.0","id":"r-1","result":{}}

        """);
  }

  @Test
  void putsItsOwnMessagesBeforeTheResponse() throws Exception {
    assertThat(pingResponse(StreamFeature.NOTIFICATIONS, StreamFeature.PING)).isEqualTo("""
        event: message
        data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"working"}}

        event: message
        data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}

        event: message
        data: {"jsonrpc":"2.0","id":"server-1","method":"ping"}

        event: message
        data: {"jsonrpc":"2.0","id":"r-1","result":{}}

        """);
  }

  @Test
  void spreadsAMessageOverLinesWithIdsAndComments() throws Exception {
    assertThat(pingResponse(StreamFeature.COMMENTS, StreamFeature.IDS, StreamFeature.MULTI_LINE_DATA)).isEqualTo("""
        : an event stream

        id: 0
        data:

        :
        event: message
        id: 1
        data: {
        data:   "jsonrpc" : "2.0",
        data:   "id" : "r-1",
        data:   "result" : { }
        data: }

        """);
  }

  @Test
  void carriesTheHandshakeToo() throws Exception {
    try (var server = FakeMcpServer.open(McpServerKnobs::eventStream)) {
      var response = Http.json(server.url(), """
          {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},
          "clientInfo":{"name":"test","version":"1"}}}""", new McpClient(server.url(), "").headers());
      assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
      assertThat(response.headers().firstValue("mcp-session-id")).isPresent();
      assertThat(response.body()).contains("\"serverInfo\"");
    }
  }

  private static String pingResponse(StreamFeature... features) throws Exception {
    try (var server = FakeMcpServer.open()) {
      var client = new McpClient(server.url(), "").handshake();
      server.adjust(mcp -> mcp.eventStream(features));
      return client.request("ping", "{}").body();
    }
  }
}
