package social.avatarai.mcp.record;

import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.record.McpServer.Status;

/**
 * Notes in a server's record how connecting the server went: one small write, or none where the record says the same.
 *
 * <p>A note that cannot be written does not change the caller's outcome.
 */
public final class ConnectionNotes {
  private final Servers servers;
  private final Clock clock;
  private final Journal journal;

  public ConnectionNotes(Servers servers, Clock clock, Journal journal) {
    this.servers = servers;
    this.clock = clock;
    this.journal = journal;
  }

  /** The server has responded, with the user's grant or without one. */
  public void connected(McpServer server) {
    note(server, Status.CONNECTED, null);
  }

  /** A flow has begun. */
  public void authorizationRequired(McpServer server) {
    note(server, Status.AUTHORIZATION_REQUIRED, null);
  }

  /** Connecting failed. */
  public void failed(McpServer server, Failure failure) {
    note(server, server.status(), ConnectionError.of(failure, clock.instant()).after(server.error()));
  }

  /** A consent has succeeded: an earlier error is over. */
  public void consented(McpServer server) {
    if (server.error() != null) note(server, server.status(), null);
  }

  /** A consent has ended without a grant. */
  public void consentFailed(ConnectionKey key, Failure failure) {
    if (key.connection().isOfResource()) return;
    writeOrLog(key, () -> servers.find(key).ifPresent(server -> failed(server, failure)));
  }

  private void note(McpServer server, Status status, @Nullable ConnectionError error) {
    if (server.says(status, error)) return;
    writeOrLog(server.key(), () -> servers.note(server, status, error));
  }

  private void writeOrLog(ConnectionKey key, Runnable write) {
    try {
      write.run();
    } catch (RuntimeException e) {
      journal.write("connection_not_noted", Map.of("connection", key.connection(), "detail", e.getClass().getName()));
    }
  }
}
