package social.avatarai.mcp.authorization;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.SessionKey;

/**
 * The store of authorization sessions. Reads are consistent. Verifiers and codes are sealed at rest.
 *
 * <p>A returned session may be expired: the reader must check {@code expiresAt}. Every conditional write checks it
 * itself.
 */
public interface Sessions {

  /** Keeps a session that has just begun. */
  void begin(AuthorizationSession session);

  Optional<AuthorizationSession> find(SessionKey key);

  /** The session together with all its parked responses, in one read. */
  Optional<WithParked> findWithParked(SessionKey key);

  /** A session and its parked responses. */
  record WithParked(AuthorizationSession session, List<ParkedResponse> parked) {
    public WithParked {
      parked = List.copyOf(parked);
    }
  }

  /**
   * Claims a session that is pending or parked, and not expired, for redemption. True for exactly one caller.
   */
  boolean claim(SessionKey key, Instant now);

  /**
   * Notes how a claimed session ended, and deletes the verifier. The outcome stays readable until that time.
   */
  void finish(AuthorizationSession session, SessionOutcome outcome, Instant readableUntil);

  /**
   * Parks a response at the first free or expired place; false if there is none. Marks a pending session as parked.
   *
   * @param response its {@code number} is ignored, because the place is chosen here
   */
  boolean park(AuthorizationSession session, ParkedResponse response, Instant now);

  /** Deletes a parked response. */
  void drop(SessionKey key, ParkedResponse response);
}
