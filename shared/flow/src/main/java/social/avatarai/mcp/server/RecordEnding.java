package social.avatarai.mcp.server;

import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.resource.KeptSessions;
import social.avatarai.mcp.token.Revocation;

/** Deletes the users' server records, and ends the connections to their servers. */
public final class RecordEnding {
  private final Servers servers;
  private final ServerRegistry registry;
  private final RecordedServers found;
  private final RecordGrants recordGrants;
  private final Revocation revocation;
  private final KeptSessions sessions;
  private final UserClients userClients;
  private final RecordOffers offers;

  public RecordEnding(Servers servers, ServerRegistry registry, RecordedServers found, RecordGrants recordGrants,
      Revocation revocation, KeptSessions sessions, UserClients userClients, RecordOffers offers) {
    this.servers = servers;
    this.registry = registry;
    this.found = found;
    this.recordGrants = recordGrants;
    this.revocation = revocation;
    this.sessions = sessions;
    this.userClients = userClients;
    this.offers = offers;
  }

  /**
   * Ends a server's grant and deletes its record, if the precondition holds, even where one of them cannot be decrypted.
   * A grant that is left of a deletion that was cut off is ended too.
   */
  public Revocation.Result delete(ConnectionKey key, Precondition precondition, Deadline deadline) {
    var former = registry.former(key, precondition);
    var grant = recordGrants.find(key);
    if (former.expected() instanceof Precondition.Absent) {
      return grant.filter(left -> !recordGrants.isOfStoredRecord(left)).map(left -> recordGrants.end(left, deadline))
          .orElseThrow(RecordedServers::notFound);
    }
    // The grant ends after the record is deleted: a call that finds another record must not end its grant.
    recordGrants.suspending(key, grant.isPresent(), deadline, () -> {
      boolean deleted = servers.delete(key, precondition);
      if (!deleted) precondition.require(Optional.empty());
      return deleted;
    });
    var revoked = recordGrants.settleDeleted(key, grant, deadline);
    offers.delete(key, former.server());
    former.server().ifPresent(gone -> sessions.end(gone, deadline));
    former.server().ifPresent(gone -> userClients.forgetUnusedOf(key.user(), gone.terms(), deadline));
    return revoked;
  }

  /**
   * Ends a connection's grant and keeps the record, where there is one. Without a grant, revokes the tokens that
   * earlier grants have left. {@code not_found} where the connection has neither a grant, nor such tokens, nor a
   * record.
   */
  public Revocation.Result disconnect(ConnectionKey key, Deadline deadline) {
    var ended = recordGrants.find(key).map(held -> recordGrants.end(held, deadline))
        .or(() -> revocation.endReplaced(key, deadline));
    if (ended.isEmpty()) findOpened(key).ifPresent(open -> endSession(open, deadline));
    if (!key.connection().isOfResource() && servers.noteDisconnected(key) == Servers.Disconnection.HAS_SECRETS) {
      findOpened(key).ifPresent(this::forgetTokens);
      servers.note(key, Status.DISCONNECTED, null);
    }
    return ended.orElse(Revocation.Result.NOTHING);
  }

  /** Forgets tokens that are not in use. Otherwise a later write of the record would connect the server again. */
  private void forgetTokens(McpServer server) {
    var secrets = server.unbound();
    if (secrets == null || secrets.credentials() == null) return;
    servers.keepUnbound(server, secrets.withoutCredentials().orNull());
  }

  /** Ends the session that was opened without a grant, and forgets it. */
  private void endSession(McpServer open, Deadline deadline) {
    if (open.protocol() == null || open.protocol().session() == null) return;
    servers.forgetProtocol(open);
    sessions.end(open, deadline);
  }

  /** The record; empty where it cannot be decrypted, {@code not_found} where there is none. */
  private Optional<McpServer> findOpened(ConnectionKey key) {
    try {
      return Optional.of(found.find(key));
    } catch (Failure.Misconfigured e) {
      registry.noteUnreadable(key, e);
      return Optional.empty();
    }
  }
}
