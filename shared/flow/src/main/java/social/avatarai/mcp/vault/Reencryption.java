package social.avatarai.mcp.vault;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;

/**
 * Seals stored data again with the current key after a key rotation, while the service runs.
 *
 * <p>A row is changed only if it still has the content that was read, and only its sealed values are changed. Versions,
 * leases and states stay, so that re-encryption never makes a running refresh fail. Data that expires within minutes
 * (sessions, parked responses) is not re-encrypted.
 *
 * <p>A whole pass over {@link Area#REGISTRATIONS} also notes who holds each client. Before the first such pass, a client
 * of a deployment is never ended at its issuer.
 */
public interface Reencryption {

  /** The data that holds sealed values for a long time. */
  enum Area {
    TOKENS, SERVERS, REGISTRATIONS
  }

  /**
   * The result of one run.
   *
   * @param examined the number of rows with sealed values
   * @param reencrypted the number of rows that were sealed again
   * @param skipped the number of rows that could not be opened, or that others changed at each attempt; another pass
   *         tries them again
   * @param cursor where the next run continues; null if this run reached the end
   */
  record Run(int examined, int reencrypted, int skipped, @Nullable String cursor) {}

  /**
   * Re-encrypts a part of an area until the deadline. Each run processes at least one row.
   *
   * @param cursor where the previous run ended; null to begin. An unknown cursor fails with {@code Failure.BadRequest}
   */
  Run run(Area area, @Nullable String cursor, Deadline deadline);
}
