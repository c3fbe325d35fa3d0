package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Pause;

/** A lease: one registration at a time per owner and issuer. It ends by itself. */
final class RegistrationLease {
  private static final Duration LEASE_LIFE = Duration.ofSeconds(40);
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);

  private final Registrations registrations;
  private final Clock clock;
  private final Pause pause;
  private final Duration needed;

  /**
   * The lease for tasks of one kind.
   *
   * @param needed the time that such a task needs at least
   */
  RegistrationLease(Registrations registrations, Clock clock, Pause pause, Duration needed) {
    this.registrations = registrations;
    this.clock = clock;
    this.pause = pause;
    this.needed = needed;
  }

  /** Refuses another registration to a user who has the most that a user may have. */
  static void requireRoom(Registrations registrations, Owner owner) {
    if (owner.isDeployment() || registrations.all(owner).size() < Registrations.MAX_PER_USER) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "A user has at most " + Registrations.MAX_PER_USER + " client registrations.");
  }

  /** Does a task while this owner has the lease at this issuer; {@code upstream_timeout} if the time is not enough. */
  <T> T during(Owner owner, Issuer issuer, Deadline deadline, Supplier<T> task) {
    while (!acquire(owner, issuer))
      waitFor(deadline);
    try {
      return task.get();
    } finally {
      release(owner, issuer);
    }
  }

  boolean acquire(Owner owner, Issuer issuer) {
    var now = clock.instant();
    return registrations.acquireLease(owner, issuer, now, now.plus(LEASE_LIFE));
  }

  /**
   * Waits a moment for the holder of the lease; {@code upstream_timeout} if less than the needed time would be left.
   */
  void waitFor(Deadline deadline) {
    if (!deadline.hasAtLeast(needed)) {
      throw new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT,
          "Another registration at this authorization server is under way; try again.", "", false);
    }
    pause.of(BETWEEN_TRIES);
  }

  void release(Owner owner, Issuer issuer) {
    registrations.releaseLease(owner, issuer);
  }
}
