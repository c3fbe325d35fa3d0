package social.avatarai.mcp.authorization;

import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.record.ConnectionNotes;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.RecordFollower;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantBudget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.Revocation;
import social.avatarai.mcp.token.StoreRetry;

/**
 * Stores the grant of a consent. For a server of the registry, the current record decides. A consent takes minutes, and
 * the user may have moved the server, switched it off, or deleted it in this time.
 */
public final class GrantKeeper {
  private final ConsentWriter writer;
  private final Grants grants;
  private final Servers servers;
  private final RecordFollower follower;
  private final Revocation revocation;
  private final ConnectionNotes notes;
  private final StoreRetry retry;
  private final GrantBudget budget;

  public GrantKeeper(ConsentWriter writer, Grants grants, Servers servers, RecordFollower follower,
      Revocation revocation,
      ConnectionNotes notes, StoreRetry retry, GrantBudget budget) {
    this.writer = writer;
    this.grants = grants;
    this.servers = servers;
    this.follower = follower;
    this.revocation = revocation;
    this.notes = notes;
    this.retry = retry;
    this.budget = budget;
  }

  /**
   * Stores the grant. Fails with {@code server_changed} if its server is no longer the server of the consent. Fails
   * with {@code issuer_conflict} or {@code server_conflict} if the connection now has a grant that may not be replaced.
   */
  Grant keep(Grant given, Replaceable replaceable, Deadline deadline) {
    if (given.key().connection().isOfResource()) return keepOfResource(given, replaceable, deadline);
    var server = asRecorded(given, replaceable, deadline);
    var url = urlFor(server, given);
    var kept = given.inUse(server.enabled()).ofBuiltIn(server.isBuiltin()).declaredOverSse(server.isSse())
        .servedAt(url);
    var grant = writer.write(kept, replaceable, deadline);
    // The grant of the former URL is replaced. If the user has changed the record meanwhile, the record stays.
    boolean _ = url.equals(server.url()) || servers.relocate(server, url);
    return reconcile(grant, deadline);
  }

  /** Drops the tokens of a user who has the most grants that a user may have; {@code too_many_requests}. */
  void requireRoom(Grant given, Deadline deadline) {
    try {
      budget.requireRoomFor(given.key());
    } catch (RuntimeException e) {
      revocation.drop(given, Optional.empty(), deadline);
      throw e;
    }
  }

  private Grant keepOfResource(Grant given, Replaceable replaceable, Deadline deadline) {
    try {
      return writer.write(given, replaceable, deadline);
    } catch (Failure.BadRequest e) {
      // The tokens of an issuer conflict are dropped already. These tokens are of the same issuer as the grant that
      // stays.
      if (e.code() == ErrorCode.SERVER_CONFLICT) writer.drop(given, replaceable, deadline);
      throw e;
    }
  }

  /** Checks the record before the write, because the write would replace the grant that the server may have now. */
  private McpServer asRecorded(Grant given, Replaceable replaceable, Deadline deadline) {
    var server = recorded(given, replaceable, deadline)
        .filter(recorded -> recorded.isServedBy(given) || movesWith(recorded, given));
    if (server.isPresent()) return server.get();
    writer.drop(given, replaceable, deadline);
    throw changed();
  }

  /**
   * Whether the record moves with this grant: its server redirects to the other spelling of its path, and the
   * connection has a grant of the spelling in the record. That grant shows that the user has not edited the URL since.
   */
  private boolean movesWith(McpServer recorded, Grant given) {
    return given.target().serverUrl().isOtherSlashOf(recorded.url())
        && recorded.relocated(urlFor(recorded, given)).isServedBy(given)
        && grants.origin(given.key()).filter(recorded::isAtUrlOf).isPresent();
  }

  /** The URL at which the consent was given, with the query of the record, which may have been edited since. */
  private static EndpointUrl urlFor(McpServer recorded, Grant given) {
    return given.target().serverUrl().withQueryPart(recorded.url().queryPart());
  }

  /**
   * The record. If it cannot be read, the tokens of the consent are dropped, because they are stored nowhere else. Those
   * of a decision are stored, and the user can decide again.
   */
  private Optional<McpServer> recorded(Grant given, Replaceable replaceable, Deadline deadline) {
    try {
      return retry.of(given.key(), deadline, () -> servers.find(given.key()));
    } catch (RuntimeException e) {
      if (!(replaceable instanceof Replaceable.DecidedAccount)) writer.drop(given, replaceable, deadline);
      throw e;
    }
  }

  /**
   * Checks the record once more after the write. A change of a record reads its grant after the change, so one of the
   * two sees the other. Without this check, a change between the first check and the write would leave a grant that
   * fits no record.
   */
  private Grant reconcile(Grant grant, Deadline deadline) {
    var server = servers.find(grant.key()).filter(recorded -> recorded.holds(grant));
    if (server.isEmpty()) {
      revocation.endStored(grant, deadline);
      throw changed();
    }
    var followed = follower.follow(grant, server.get());
    notes.consented(server.get());
    return followed;
  }

  private static Failure changed() {
    return new Failure.BadRequest(ErrorCode.SERVER_CHANGED,
        "The server was changed or deleted during the consent; connect it again.");
  }
}
