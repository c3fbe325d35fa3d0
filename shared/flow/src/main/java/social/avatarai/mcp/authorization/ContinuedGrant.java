package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantWriter;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Grants.StoreResult;
import social.avatarai.mcp.token.Leases;
import social.avatarai.mcp.token.Leases.Acquired;
import social.avatarai.mcp.token.Leases.Lease;
import social.avatarai.mcp.token.ReplacedGrants;
import social.avatarai.mcp.token.ServerSessions;
import social.avatarai.mcp.token.StoreRetry;

/**
 * Stores the grant of a second consent with the refresh token of the earlier grant.
 *
 * <p>The lease of the earlier grant's version is taken first, because a refresh that is under way may have used up the
 * refresh token. The write is fenced by that version, so it never overwrites the refresh token of a renewed grant.
 */
public final class ContinuedGrant {
  /** The lease lasts this much longer than the callback's own deadline. */
  private static final Duration BEYOND_DEADLINE = Duration.ofSeconds(15);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);
  /**
   * With less time than this, the grant is stored without the refresh token. Otherwise it might not be stored at all.
   */
  private static final Duration MIN_FOR_STORING = Duration.ofSeconds(3);

  private final Grants grants;
  private final Leases leases;
  private final GrantWriter writer;
  private final StoreRetry retry;
  private final ReplacedGrants replaced;
  private final ServerSessions sessions;
  private final Clock clock;
  private final Pause pause;

  public ContinuedGrant(Grants grants, Leases leases, GrantWriter writer, StoreRetry retry, ReplacedGrants replaced,
      ServerSessions sessions, Clock clock, Pause pause) {
    this.grants = grants;
    this.leases = leases;
    this.writer = writer;
    this.retry = retry;
    this.replaced = replaced;
    this.sessions = sessions;
    this.clock = clock;
    this.pause = pause;
  }

  /**
   * Stores the grant; empty if the connection has no usable refresh token of the same client.
   *
   * @param givesNoSecond whether the issuer is known to give no second refresh token. Otherwise only the same account
   *        says that the earlier refresh token belongs to the grant
   */
  Optional<Grant> store(Grant given, boolean givesNoSecond, Deadline deadline) {
    while (deadline.hasAtLeast(MIN_FOR_STORING)) {
      var before = retry.of(given.key(), deadline, () -> before(given, givesNoSecond));
      if (before.isEmpty()) return Optional.empty();
      if (tryLease(before.get(), deadline)) {
        var grant = given.withRefreshTokenOf(before.get(), clock.instant());
        var stored = writer.write(grant, deadline, () -> grants.storeInPlaceOf(before.get(), grant));
        if (stored instanceof StoreResult.Kept kept) {
          // The new grant has no session, so nothing else would end the one of the grant before.
          sessions.end(kept.replaced().orElse(before.get()), deadline);
          replaced.endWaiting(kept, grant, deadline);
          return Optional.of(grant);
        }
      } else {
        pause.of(BETWEEN_TRIES);
      }
    }
    return Optional.empty();
  }

  private Optional<Grant> before(Grant given, boolean givesNoSecond) {
    return readable(given.key())
        .filter(before -> before.tokens().refreshToken() != null && !before.state().needsReauthorization())
        .filter(before -> isSentToTheSame(before, given))
        .filter(before -> before.isOfSameClientAs(given) && before.isOfSameServerAs(given)
            && (givesNoSecond ? !before.isOfOtherAccountThan(given) : before.isOfSameAccountAs(given)));
  }

  /**
   * Whether the refresh token of before goes to the same issuer. Where the issuer is spelled otherwise by now, it must at
   * least be the same token endpoint: two spellings alone never decide where a secret is sent.
   */
  private static boolean isSentToTheSame(Grant before, Grant given) {
    var old = before.target();
    return old.issuer().equals(given.target().issuer()) || old.tokenEndpoint().equals(given.target().tokenEndpoint());
  }

  /** The grant that the connection has; empty if it cannot be opened. */
  private Optional<Grant> readable(ConnectionKey connection) {
    try {
      return grants.read(connection);
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  private boolean tryLease(Grant before, Deadline deadline) {
    var now = clock.instant();
    var lease = new Lease(before.key(), before.id(), before.version(),
        now.plus(deadline.remaining()).plus(BEYOND_DEADLINE));
    return !(retry.of(before.key(), deadline, () -> leases.acquire(lease, now)) instanceof Acquired.Held);
  }
}
