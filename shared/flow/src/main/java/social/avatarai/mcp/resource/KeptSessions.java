package social.avatarai.mcp.resource;

import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.resource.McpTransport.Peer;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.ServerSessions;

/**
 * The MCP sessions that grants and server records keep. A session that is not kept, or whose grant or record is gone,
 * is ended at its server (MCP 2025-11-25, basic/transports, session management).
 *
 * <p>The server may refuse, and may not respond: this changes nothing for the caller. No token is refreshed only to end
 * a session. A session that was kept with a grant whose access token has expired is left to expire at the server.
 */
public final class KeptSessions implements ServerSessions {
  /** With less time than this, a session is left: the revocation that follows needs the time. */
  private static final Duration MIN_FOR_ONE = Duration.ofSeconds(7);

  private final McpClient client;
  private final Clock clock;

  public KeptSessions(McpClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  @Override
  public void end(Grant gone, Deadline deadline) {
    var server = gone.target().serverUrl();
    var token = gone.tokens();
    // A stored token is sent to the resource of its grant and nowhere else.
    boolean sendable = !token.isExpired(clock.instant()) && gone.covers(server);
    if (sendable) end(Peer.of(gone), gone.protocol(), deadline);
  }

  /** Ends the session that is kept with the record of a server without a grant, if there is one. It never fails. */
  public void end(McpServer gone, Deadline deadline) {
    end(new Peer(gone.key().user(), gone.url(), null, gone.entered(), DeclaredTransport.of(gone)), gone.protocol(),
        deadline);
  }

  private void end(Peer peer, @Nullable NegotiatedProtocol kept, Deadline deadline) {
    if (kept == null || !deadline.hasAtLeast(MIN_FOR_ONE)) return;
    try {
      client.leave(peer, kept, deadline);
    } catch (RuntimeException e) {
      // The session expires at the server by itself. Nothing may keep the token from being revoked.
    }
  }
}
