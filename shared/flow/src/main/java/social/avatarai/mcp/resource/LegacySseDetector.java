package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.time.Duration;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.ResponseHead;
import social.avatarai.mcp.resource.McpResponse.Unusable;
import social.avatarai.mcp.resource.McpTransport.Peer;

/**
 * Recognises the HTTP+SSE transport of MCP 2024-11-05, so that an error can name the transport. Such a server refuses a
 * POST, and responds to a GET with a stream whose first event is {@code endpoint} (MCP 2025-11-25, basic/transports,
 * backwards compatibility).
 */
final class LegacySseDetector {
  private static final Duration MAX_TIME = Duration.ofSeconds(3);
  private static final int MAX_LINES = 50;

  private final McpTransport transport;

  LegacySseDetector(McpTransport transport) {
    this.transport = transport;
  }

  /** Whether a server with this response to a POST speaks the transport. */
  boolean isSpokenBy(Peer peer, Unusable response, Deadline deadline) {
    if (!response.isRefusal()) return false;
    try {
      return transport.stream(peer, null, null, Deadline.in(deadline.remaining(MAX_TIME)),
          LegacySseDetector::beginsWithEndpoint);
    } catch (Failure e) {
      // The caller reports the first refusal.
      return false;
    }
  }

  private static boolean beginsWithEndpoint(ResponseHead head, InputStream body) throws IOException {
    if (!head.isSuccess() || !head.mediaType().equals("text/event-stream")) return false;
    var lines = new BufferedReader(new InputStreamReader(body, UTF_8));
    for (int i = 0; i < MAX_LINES; i++) {
      String line = lines.readLine();
      // The stream begins with a message, or has none.
      if (line == null || line.startsWith("data:")) return false;
      if (line.startsWith("event:")) return line.substring("event:".length()).strip().equals("endpoint");
    }
    return false;
  }
}
