package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Pause;

/** Registering at an issuer is one's turn at a time, for each owner: a lease that ends by itself, and waiting for it. */
final class RegistrationLease {
  private static final Duration LEASE = Duration.ofSeconds(40);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  private final Registrations registrations;
  private final Clock clock;
  private final Pause pause;

  RegistrationLease(Registrations registrations, Clock clock, Pause pause) {
    this.registrations = registrations;
    this.clock = clock;
    this.pause = pause;
  }

  /** Refuses one more registration to a user who has as many as a user may have. */
  static void requireRoom(Registrations registrations, Owner owner) {
    if (owner.isDeployment() || registrations.all(owner).size() < Registrations.MAX_PER_USER) return;
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "A user has at most " + Registrations.MAX_PER_USER + " client registrations.");
  }

  boolean take(Owner owner, Issuer issuer) {
    var now = clock.instant();
    return registrations.acquireLease(owner, issuer, now, now.plus(LEASE));
  }

  /** Waits a moment for the one whose turn it is, as long as this much time is left for our own. */
  void waitFor(Deadline deadline, Duration needed) {
    if (!deadline.hasAtLeast(needed)) {
      throw new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT,
          "Another registration at this authorization server is under way; try again.", "", false);
    }
    pause.of(BETWEEN_LOOKS);
  }

  void end(Owner owner, Issuer issuer) {
    registrations.releaseLease(owner, issuer);
  }
}
