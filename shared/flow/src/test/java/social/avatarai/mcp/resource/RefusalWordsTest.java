package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalWordsTest {

  private static boolean refuse(String text) {
    return RefusalWords.of(TextNode.valueOf(text)).refuseAgreement();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Session not found", "Bad Request: No valid session ID provided",
      "Bad Request: Mcp-Session-Id header is required", "Missing Mcp-Session-Id header",
      "missing required header: Mcp-Session-Id", "Invalid session ID", "Invalid or missing session ID",
      "Session expired", "Session has been terminated", "Unknown session", "Session ID does not exist",
      "No active session", "Could not find session", "No transport found for sessionId", "session is closed",
      "Bad Request: Server not initialized", "Received request before initialization was complete",
      "Mcp-Session-Id header must be provided", "Session 4f1c no longer available",
      "Bad Request: Unsupported protocol version: 2025-11-25 (supported versions: 2025-06-18)",
      "The MCP-Protocol-Version header value '2025-11-25' is not supported."})
  void refusalOfTheSessionOrVersionIsRecognised(String text) {
    assertThat(refuse(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkout session created, webhook failed", "The session was charged",
      "Cannot create a browser session: out of memory", "Session started; nothing to refund", "Bad Request", "",
      "protocol version 2 of the contract was signed", "Order placed; session of the shop is open"})
  void textOfAToolThatOnlyNamesASessionIsNoRefusal(String text) {
    assertThat(refuse(text)).isFalse();
  }
}
