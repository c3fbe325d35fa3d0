package social.avatarai.mcp.server;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStarter;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.ClientRegistration;
import social.avatarai.mcp.registration.Deregistration;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.token.Revocation;

/**
 * Forgets a user: grants, whose tokens are revoked as far as that can be done, then the user's clients with their secrets,
 * then the server records. As much as the time allows; the next call goes on.
 *
 * <p>A flow that the user began before may still come back with a grant, until its session is over. So it takes a call
 * after that, which finds nothing or forgets it too, before all is said to be done.
 */
public final class UserDeletion {
  /** Sessions that were there at the first call, and callbacks under way then, are over after this. */
  static final Duration SESSIONS_OVER = AuthorizationStarter.SESSION_LIFE.plusMinutes(1);
  /** Less time than this is too little for one more. */
  private static final Duration ENOUGH = Duration.ofSeconds(6);
  /** What one grant or client may take, so that an issuer that does not answer leaves time for the others. */
  private static final Duration FOR_ONE = Duration.ofSeconds(9);

  private final Grants grants;
  private final HeldGrants heldGrants;
  private final ReplacedTokens replaced;
  private final Revocation revocation;
  private final Registrations registrations;
  private final Deregistration deregistration;
  private final Servers servers;
  private final Clock clock;
  private final Journal journal;

  public UserDeletion(Grants grants, HeldGrants heldGrants, ReplacedTokens replaced, Revocation revocation,
      Registrations registrations, Deregistration deregistration, Servers servers, Clock clock, Journal journal) {
    this.grants = grants;
    this.heldGrants = heldGrants;
    this.replaced = replaced;
    this.revocation = revocation;
    this.registrations = registrations;
    this.deregistration = deregistration;
    this.servers = servers;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * How far it has come.
   *
   * @param left grants, connections with kept tokens, registrations and records that are still there
   * @param settlesIn how long flows begun before the first call may still bring a grant; zero when they are over
   */
  public record Progress(int left, Duration settlesIn) {
    /** Whether nothing is there, and nothing begun before the first call can come. */
    public boolean isDone() {
      return left == 0 && settlesIn.isZero();
    }

    /** After how many seconds the next call gets further: at once where this one ran out of time. */
    public long retryAfterSeconds() {
      return left > 0 ? 0 : settlesIn.plusMillis(999).toSeconds();
    }
  }

  /** Forgets as much of a user as the time allows. */
  public Progress forget(UserId user, Deadline deadline) {
    var since = servers.forgettingSince(user, clock.instant());
    int ended = each(grants.connections(user), c -> endGrant(new ConnectionKey(user, c), deadline), deadline);
    ended += each(replaced.connections(user), c -> endReplaced(new ConnectionKey(user, c), deadline), deadline);
    // A token is revoked as its client: clients wait for a call that leaves no token.
    boolean revoked = grants.connections(user).isEmpty() && replaced.connections(user).isEmpty();
    int clients = revoked ? each(registrations(user), one -> forgetClient(user, one, deadline), deadline) : 0;
    int records = each(servers.connections(user), c -> deleteRecord(new ConnectionKey(user, c)), deadline);
    int left = left(user);
    if (left == 0) registrations.deleteRest(user);
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
      // Not to be read any more, and so not to be ended at their issuers: they are forgotten all the same.
      journal.write("not_deregistered", Map.of("detail", e.detail()));
      registrations.deleteUnreadable(user);
      return registrations.all(Owner.of(user));
    }
  }

  private int left(UserId user) {
    List<ConnectionId> connections = grants.connections(user);
    return connections.size() + replaced.connections(user).size() + registrationsLeft(user)
        + servers.connections(user).size();
  }

  /** One that cannot be read counts, and is forgotten when no token waits for its client any more. */
  private int registrationsLeft(UserId user) {
    try {
      return registrations.all(Owner.of(user)).size();
    } catch (Failure.Misconfigured e) {
      return 1;
    }
  }

  /** How many of these were forgotten while there was time. */
  private static <T> int each(List<T> all, Predicate<T> forgets, Deadline deadline) {
    int forgotten = 0;
    for (var one : all) {
      if (!deadline.hasAtLeast(ENOUGH)) break;
      if (forgets.test(one)) forgotten++;
    }
    return forgotten;
  }

  private boolean endGrant(ConnectionKey key, Deadline deadline) {
    heldGrants.find(key).ifPresent(held -> heldGrants.end(held, share(deadline)));
    return true;
  }

  /** What is kept of grants that are gone: their last one was unreadable, or there was no time to revoke them all. */
  private boolean endReplaced(ConnectionKey key, Deadline deadline) {
    revocation.endReplaced(key, share(deadline));
    return true;
  }

  private boolean forgetClient(UserId user, ClientRegistration client, Deadline deadline) {
    try {
      return deregistration.forget(user, client.issuer(), client.client().id(), () -> true, share(deadline));
    } catch (Failure.Unreachable e) {
      // A registration of this user at this issuer is under way: the next call finds both.
      return false;
    }
  }

  private boolean deleteRecord(ConnectionKey key) {
    servers.delete(key);
    return true;
  }

  private static Deadline share(Deadline deadline) {
    return Deadline.in(deadline.remaining(FOR_ONE));
  }
}
