package social.avatarai.mcp.record;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
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

  /** The user has declined another account: the connection is as it was before that consent. */
  public void accountKept(ConnectionKey key) {
    if (key.connection().isOfResource()) return;
    writeOrLog(key, () -> servers.find(key)
        .filter(server -> server.error() != null && server.error().code() == ErrorCode.ACCOUNT_CHANGED)
        .ifPresent(server -> note(server, server.status(), null)));
  }

  /** A consent has ended without a grant. */
  public void consentFailed(ConnectionKey key, Failure failure) {
    if (key.connection().isOfResource()) return;
    writeOrLog(key, () -> servers.find(key).ifPresent(server -> failed(server, failure)));
  }

  /**
   * Sends a request with the credentials that the user has entered, and notes whether the server takes them. A refusal
   * of one request alone (403) says nothing about the credentials.
   */
  public <T> T ofEntered(McpServer server, Supplier<T> request) {
    try {
      var result = request.get();
      if (isNotedAsRefused(server)) connected(server);
      return result;
    } catch (Failure failure) {
      boolean refused = failure.code() == ErrorCode.CREDENTIALS_REFUSED
          && failure.upstreamStatus().equals(Optional.of(401));
      if (refused) failed(server, failure);
      throw failure;
    }
  }

  private static boolean isNotedAsRefused(McpServer server) {
    return server.error() != null && server.error().code() == ErrorCode.CREDENTIALS_REFUSED;
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
