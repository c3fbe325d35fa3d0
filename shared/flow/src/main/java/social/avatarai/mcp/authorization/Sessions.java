package social.avatarai.mcp.authorization;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.SessionKey;

/**
 * Authorization sessions. Reads are consistent; verifiers and codes are sealed at rest.
 *
 * <p>What is returned may be expired: whoever reads judges {@code expiresAt}. Every conditional write judges it itself.
 */
public interface Sessions {

  /** Keeps a session that has just begun. */
  void begin(AuthorizationSession session);

  Optional<AuthorizationSession> find(SessionKey key);

  /** The session together with all answers parked on it, in one read. */
  Optional<WithParked> findWithParked(SessionKey key);

  /** A session and the answers parked on it. */
  record WithParked(AuthorizationSession session, List<ParkedResponse> parked) {
    public WithParked {
      parked = List.copyOf(parked);
    }
  }

  /**
   * Takes a session that is pending or parked and not expired for redeeming: true for exactly one of all who try.
   */
  boolean claim(SessionKey key, Instant now);

  /**
   * Notes how a claimed session ended; the verifier is forgotten, the outcome stays readable until then.
   */
  void finish(AuthorizationSession session, SessionOutcome outcome, Instant readableUntil);

  /**
   * Parks an answer at the first free or expired place; false when there is none. Marks a pending session as parked.
   *
   * @param response its {@code number} is ignored: the place is chosen here
   */
  boolean park(AuthorizationSession session, ParkedResponse response, Instant now);

  /** Drops a parked answer. */
  void drop(SessionKey key, ParkedResponse response);
}
