package social.avatarai.mcp.server;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStarter;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.ServerOffers;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Deregistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.resource.KeptSessions;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.token.Revocation;
import social.avatarai.mcp.token.WaitingGrants;

/**
 * Deletes a user: first the grants, whose tokens are revoked where possible; then the user's clients with their
 * secrets; then the server records. One call does as much as its time allows; the next call continues.
 *
 * <p>A flow that the user began before the deletion may still bring a grant, until its session has expired. So the
 * deletion is done only after a call later than that. This call finds nothing, or deletes the late grant too.
 */
public final class UserDeletion {
  /** The time from the first call until its sessions have expired and its callbacks have ended. */
  static final Duration SESSIONS_OVER = AuthorizationStarter.SESSION_LIFE.plusMinutes(1);
  /** With less time than this, the deletion of a further grant or client is not started. */
  private static final Duration MIN_FOR_ONE = Duration.ofSeconds(7);
  /**
   * The maximum time for one grant or client. An issuer that does not respond must leave time for the others. One second
   * is for an MCP server that does not respond to the end of its session.
   */
  private static final Duration MAX_FOR_ONE = Duration.ofSeconds(10);

  private final Grants grants;
  private final HeldGrants heldGrants;
  private final ReplacedTokens replaced;
  private final WaitingGrants waiting;
  private final Revocation revocation;
  private final KeptSessions sessions;
  private final Registrations registrations;
  private final Deregistration deregistration;
  private final Servers servers;
  private final BuiltInServers builtIns;
  private final ServerOffers offers;
  private final Clock clock;
  private final Journal journal;

  public UserDeletion(Grants grants, HeldGrants heldGrants, ReplacedTokens replaced, WaitingGrants waiting,
      Revocation revocation,
      KeptSessions sessions, Registrations registrations, Deregistration deregistration, Servers servers,
      BuiltInServers builtIns, ServerOffers offers, Clock clock, Journal journal) {
    this.grants = grants;
    this.heldGrants = heldGrants;
    this.replaced = replaced;
    this.waiting = waiting;
    this.revocation = revocation;
    this.sessions = sessions;
    this.registrations = registrations;
    this.deregistration = deregistration;
    this.servers = servers;
    this.builtIns = builtIns;
    this.offers = offers;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * How far the deletion has come.
   *
   * @param left grants, connections with kept tokens or with grants that wait, registrations and records that are still
   *        there
   * @param settlesIn how long flows from before the first call may still bring a grant; zero when all these flows are
   *        over
   */
  public record Progress(int left, Duration settlesIn) {
    /** Whether nothing is left, and no flow from before the first call can bring a grant. */
    public boolean isDone() {
      return left == 0 && settlesIn.isZero();
    }

    /** The seconds after which the next call makes progress; 0 if this call ran out of time. */
    public long retryAfterSeconds() {
      return left > 0 ? 0 : settlesIn.plusMillis(999).toSeconds();
    }
  }

  /** Deletes as much of a user as the time allows. */
  public Progress forget(UserId user, Deadline deadline) {
    var since = servers.forgettingSince(user, clock.instant());
    // Delete the waiting grants first: while one exists, its token is not revoked.
    waiting.connections(user).forEach(c -> revocation.forgetWaiting(new ConnectionKey(user, c)));
    int ended = each(grants.connections(user), c -> endGrant(new ConnectionKey(user, c), deadline), deadline);
    ended += each(replaced.connections(user), c -> endReplaced(new ConnectionKey(user, c), deadline), deadline);
    // Revoking a token needs its client. So the clients are deleted in a call that leaves no token.
    boolean revoked = grants.connections(user).isEmpty() && replaced.connections(user).isEmpty();
    int clients = revoked ? each(registrations(user), one -> forgetClient(user, one, deadline), deadline) : 0;
    int records = each(servers.connections(user), c -> deleteRecord(new ConnectionKey(user, c), deadline), deadline);
    records += each(builtIns.noted(user), c -> forgetNotes(new ConnectionKey(user, c), deadline), deadline);
    int left = left(user);
    if (left == 0) {
      registrations.deleteRest(user);
      // After the records: what is listed from here on finds no record, and is not kept.
      offers.deleteAll(user);
    }
    var settlesIn = Duration.between(clock.instant(), since.plus(SESSIONS_OVER));
    var progress = new Progress(left, settlesIn.isNegative() ? Duration.ZERO : settlesIn);
    if (progress.isDone()) servers.endForgetting(user);
    journal.write("user_forgotten", Map.of("grants", ended, "servers", records, "registrations", clients, "left", left,
        "done", progress.isDone()));
    return progress;
  }

  private List<ClientRegistration> registrations(UserId user) {
    try {
      return registrations.all(Owner.of(user));
    } catch (Failure.Misconfigured e) {
      // Unreadable registrations cannot be deleted at their issuers, but are deleted here.
      journal.write("not_deregistered", Map.of("detail", e.detail()));
      registrations.deleteUnreadable(user);
      return registrations.all(Owner.of(user));
    }
  }

  private int left(UserId user) {
    List<ConnectionId> connections = grants.connections(user);
    return connections.size() + replaced.connections(user).size() + waiting.connections(user).size()
        + registrationsLeft(user) + servers.connections(user).size() + builtIns.noted(user).size();
  }

  /** Unreadable registrations count as one. They are deleted when no kept token needs their clients any more. */
  private int registrationsLeft(UserId user) {
    try {
      return registrations.all(Owner.of(user)).size();
    } catch (Failure.Misconfigured e) {
      return 1;
    }
  }

  /**
   * Deletes these while there is time, and returns how many were deleted. If the user has too many slow calls, the rest
   * is left to a later call.
   */
  private static <T> int each(List<T> all, Predicate<T> delete, Deadline deadline) {
    int deleted = 0;
    try {
      for (var one : all) {
        if (!deadline.hasAtLeast(MIN_FOR_ONE)) break;
        if (delete.test(one)) deleted++;
      }
    } catch (Failure.Crowded e) {
      // What has not ended at its issuer was not deleted either; a later call goes on.
    }
    return deleted;
  }

  private boolean endGrant(ConnectionKey key, Deadline deadline) {
    heldGrants.find(key).ifPresent(held -> heldGrants.end(held, share(deadline)));
    return true;
  }

  /**
   * Revokes kept tokens of earlier grants. Such tokens are left if the last grant was unreadable, or if there was no
   * time to revoke all tokens.
   */
  private boolean endReplaced(ConnectionKey key, Deadline deadline) {
    revocation.endReplaced(key, share(deadline));
    return true;
  }

  private boolean forgetClient(UserId user, ClientRegistration client, Deadline deadline) {
    try {
      return deregistration.forget(user, client.issuer(), client.client().id(), () -> true, share(deadline));
    } catch (Failure.Unreachable e) {
      // The user is registering another client at this issuer. The next call deletes both clients.
      return false;
    }
  }

  private boolean deleteRecord(ConnectionKey key, Deadline deadline) {
    var server = readable(key);
    servers.delete(key);
    server.ifPresent(gone -> sessions.end(gone, deadline));
    return true;
  }

  /** Deletes what is noted about the user's connection to a built-in server. */
  private boolean forgetNotes(ConnectionKey key, Deadline deadline) {
    var server = readable(key).filter(McpServer::isBuiltin);
    builtIns.forgetNotes(key);
    server.ifPresent(noted -> sessions.end(noted, deadline));
    return true;
  }

  /** A record; empty if it cannot be opened, because its session cannot be ended then. */
  private Optional<McpServer> readable(ConnectionKey key) {
    try {
      return servers.find(key);
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  private static Deadline share(Deadline deadline) {
    return Deadline.in(deadline.remaining(MAX_FOR_ONE));
  }
}
