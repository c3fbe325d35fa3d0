package social.avatarai.mcp.server;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.RecordFollower;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.resource.KeptSessions;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.HeldGrant;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.Revocation;

/**
 * What a change of a record means for the grant of its connection.
 *
 * <p>Several calls may change one record at the same time. So a call ends the grant that its own change ends. It ends
 * another grant only if that grant is not of the record that is stored by then.
 */
public final class RecordGrants {
  private final Grants grants;
  private final HeldGrants heldGrants;
  private final Servers servers;
  private final RecordFollower follower;
  private final Revocation revocation;
  private final KeptSessions sessions;
  private final UserClients userClients;
  private final Journal journal;

  public RecordGrants(Grants grants, HeldGrants heldGrants, Servers servers, RecordFollower follower,
      Revocation revocation, KeptSessions sessions, UserClients userClients, Journal journal) {
    this.grants = grants;
    this.heldGrants = heldGrants;
    this.servers = servers;
    this.follower = follower;
    this.revocation = revocation;
    this.sessions = sessions;
    this.userClients = userClients;
    this.journal = journal;
  }

  Optional<HeldGrant> find(ConnectionKey key) {
    return heldGrants.find(key);
  }

  /** Whether this grant is of this record. A grant that cannot be opened is of no built-in one. */
  boolean isOf(HeldGrant held, McpServer server) {
    return held.opened().map(server::holds)
        .orElseGet(() -> !server.isBuiltin() && heldGrants.summary(held).filter(server::isServedBy).isPresent());
  }

  /**
   * Writes or deletes a record while its grant is disabled. So no request uses a grant that the record is about to switch
   * off or to end, even if this process dies between the two writes. After a failure the grant follows the record again.
   */
  <T> T suspending(ConnectionKey key, boolean suspended, Deadline deadline, Supplier<T> change) {
    if (!suspended) return change.get();
    try {
      grants.noteEnabled(key, false);
      return change.get();
    } catch (RuntimeException failure) {
      takeUpAgain(key, deadline);
      throw failure;
    }
  }

  /** The grant of this record follows it again, if the connection still has that grant. */
  void takeUp(McpServer server, Deadline deadline) {
    heldGrants.findOpened(server.key()).filter(server::holds).ifPresent(held -> follow(held, server, deadline));
  }

  /** The caller gets the failure before this one. A grant that stays disabled is taken up again when it is next used or due. */
  private void takeUpAgain(ConnectionKey key, Deadline deadline) {
    try {
      servers.find(key).ifPresent(now -> takeUp(now, deadline));
    } catch (RuntimeException e) {
      journal.write("grant_left_disabled", Map.of("connection", key.connection(), "detail", e.getClass().getName()));
    }
  }

  /**
   * The grant under a record that was just written; empty if it has none. The grant is read again: a consent that ended
   * meanwhile may have found the former record. A consent that ends from here on finds the new one.
   *
   * @param ending the grant that the change of the record ends, even where it would fit the new record too
   */
  Optional<GrantSummary> settle(McpServer written, Optional<HeldGrant> ending, Deadline deadline) {
    var grant = heldGrants.find(written.key());
    var kept = grant.filter(held -> !isSame(held, ending) && isOf(held, written));
    kept.flatMap(HeldGrant::opened).ifPresent(held -> follow(held, written, deadline));
    if (kept.isEmpty()) grant.filter(held -> isOver(held, ending)).ifPresent(held -> heldGrants.end(held, deadline));
    return kept.flatMap(heldGrants::summary);
  }

  /**
   * Ends the grant of a record that was just deleted.
   *
   * @param ending the grant that the record had
   */
  Revocation.Result settleDeleted(ConnectionKey key, Optional<HeldGrant> ending, Deadline deadline) {
    var grant = heldGrants.find(key);
    if (grant.isEmpty()) return revocation.endReplaced(key, deadline).orElse(Revocation.Result.NOTHING);
    return grant.filter(held -> isOver(held, ending)).map(held -> end(held, deadline))
        .orElse(Revocation.Result.NOTHING);
  }

  private boolean isOver(HeldGrant held, Optional<HeldGrant> ending) {
    return isSame(held, ending) || !isOfStoredRecord(held);
  }

  /** Whether both are the same consent. All grants that cannot be opened count as one. */
  private static boolean isSame(HeldGrant held, Optional<HeldGrant> ending) {
    return ending.filter(other -> other.opened().map(Grant::id).equals(held.opened().map(Grant::id))).isPresent();
  }

  /** Whether this grant is of the record that is stored now. The grant was read before it, so no newer one is missed. */
  boolean isOfStoredRecord(HeldGrant held) {
    return servers.find(held.key()).filter(now -> isOf(held, now)).isPresent();
  }

  /**
   * The grant under this record; empty if it is for another one. The operator changes a built-in record without the
   * grants of the users, so such a grant is ended now.
   */
  Optional<Grant> kept(Grant held, McpServer server, Deadline deadline) {
    if (server.holds(held)) return Optional.of(follow(held, server, deadline));
    boolean stray = server.isBuiltin() && servers.find(held.key()).filter(now -> now.holds(held)).isEmpty();
    if (stray) heldGrants.end(new HeldGrant(held.key(), held, ""), deadline);
    return Optional.empty();
  }

  /** The grant under a record. A session belongs to the URL, with its query, and the transport that it was opened at. */
  Grant follow(Grant held, McpServer server, Deadline deadline) {
    var followed = follower.follow(held, server);
    if (!held.isAskedAs(followed)) sessions.end(held, deadline);
    return followed;
  }

  /** Ends a grant, and deletes the user's own client where the grant was its last use. */
  Revocation.Result end(HeldGrant held, Deadline deadline) {
    var revoked = heldGrants.end(held, deadline);
    held.opened().ifPresent(grant -> userClients.forgetUnusedOf(grant, deadline));
    return revoked;
  }
}
