package social.avatarai.mcp.server;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.StoredServer;

/**
 * The record that a call finds before it writes.
 *
 * @param server the record; empty where there is none, or where it cannot be decrypted
 * @param expected what the call expects of the row when it writes: the record that it has read. For a record that
 *        cannot be decrypted, only what its caller expects
 */
record FormerRecord(Optional<McpServer> server, Precondition expected) {
  /** Reads the record; {@code changed_meanwhile} where the caller expects another one. */
  static FormerRecord read(ConnectionKey key, Supplier<Optional<StoredServer>> read, Precondition precondition,
      Journal journal) {
    try {
      return of(read.get(), precondition);
    } catch (Failure.Misconfigured e) {
      noteUnreadable(key, e, journal);
      return unreadable(precondition);
    }
  }

  private static FormerRecord of(Optional<StoredServer> stored, Precondition precondition) {
    precondition.require(stored.map(StoredServer::revision));
    return new FormerRecord(stored.map(StoredServer::server),
        stored.map(StoredServer::revision).map(Precondition::is).orElseGet(Precondition::absent));
  }

  private static FormerRecord unreadable(Precondition precondition) {
    if (precondition instanceof Precondition.Absent) throw precondition.failure();
    return new FormerRecord(Optional.empty(), precondition);
  }

  static void noteUnreadable(ConnectionKey key, Failure.Misconfigured fault, Journal journal) {
    journal.write("server_unreadable", Map.of("connection", key.connection(), "detail", fault.detail()));
  }
}
