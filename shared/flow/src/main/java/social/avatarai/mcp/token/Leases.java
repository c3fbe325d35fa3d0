package social.avatarai.mcp.token;

import java.time.Instant;
import social.avatarai.mcp.ConnectionKey;

/**
 * Who may send a grant's refresh token: one small row per connection, which costs one write unit.
 *
 * <p>A lease is for one version of one grant. Once the next version is there the lease is of no account, so that the
 * normal case needs no release.
 */
public interface Leases {

  /**
   * A refresh attempt.
   *
   * @param key the connection
   * @param grant the grant
   * @param fromVersion the version whose refresh token is sent
   * @param until when the attempt certainly is over
   */
  record Lease(ConnectionKey key, GrantId grant, long fromVersion, Instant until) {}

  /** What became of a try to acquire a lease. */
  sealed interface Acquired {
    /** Ours; nobody sent this version's refresh token before. */
    record First() implements Acquired {}
    /** Ours, after an attempt from this version that ran out without a word: read the grant again before sending. */
    record TakenOver() implements Acquired {}
    /** Another attempt holds it until then. */
    record Held(Instant until) implements Acquired {}
  }

  /**
   * One conditional write: no lease row, or one of an older version of this grant → first; one of another grant, or of
   * this version that has run out → taken over; else held. A row of a newer version is held too (by an attempt long
   * done).
   */
  Acquired acquire(Lease lease, Instant now);

  /** Gives the lease back before its time, after an attempt that certainly did not reach the issuer's tokens. */
  void release(Lease lease);
}
