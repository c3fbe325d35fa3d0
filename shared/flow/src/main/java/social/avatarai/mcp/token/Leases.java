package social.avatarai.mcp.token;

import java.time.Instant;
import social.avatarai.mcp.ConnectionKey;

/**
 * The right to send a grant's refresh token: one small row per connection, which costs one write unit.
 *
 * <p>A lease is for one version of one grant. The lease has no effect on the next version, so the normal case needs no
 * release.
 */
public interface Leases {

  /**
   * A refresh attempt.
   *
   * @param key the connection
   * @param grant the grant
   * @param fromVersion the version whose refresh token is sent
   * @param until the time at which the attempt is certainly over
   */
  record Lease(ConnectionKey key, GrantId grant, long fromVersion, Instant until) {}

  /** The result of a try to acquire a lease. */
  sealed interface Acquired {
    /** Acquired. This version's refresh token was not sent before. */
    record First() implements Acquired {}
    /** Acquired, after an attempt from this version that ran out without a result: read the grant before sending. */
    record TakenOver() implements Acquired {}
    /** Another attempt holds the lease until then. */
    record Held(Instant until) implements Acquired {}
  }

  /**
   * One conditional write. No lease row, or a row of an older version of this grant: first. A row of another grant, or
   * of this version that has run out: taken over. Any other row: held. A row of a newer version is held too, by an
   * attempt that is done.
   */
  Acquired acquire(Lease lease, Instant now);

  /** Releases the lease early, after an attempt that certainly changed no token at the issuer. */
  void release(Lease lease);
}
