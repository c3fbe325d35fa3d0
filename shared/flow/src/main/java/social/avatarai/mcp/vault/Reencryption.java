package social.avatarai.mcp.vault;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;

/**
 * Seals anew what an older key of the ring has sealed, after a rotation, while everything runs.
 *
 * <p>A row is only ever changed where it still says what was read, and only in what is sealed: versions, leases and
 * states stay, so that a refresh under way never fails for it. What is over in minutes (sessions, parked answers) is left
 * alone.
 */
public interface Reencryption {

  /** What holds sealed values for long. */
  enum Area {
    TOKENS, SERVERS, REGISTRATIONS
  }

  /**
   * What one run did.
   *
   * @param examined rows with something sealed
   * @param reencrypted those that were sealed anew
   * @param skipped those that could not be: not to be opened, or changed by others each time; another pass looks at them
   * @param cursor where the next run goes on; null when this one has come to the end
   */
  record Run(int examined, int reencrypted, int skipped, @Nullable String cursor) {}

  /**
   * Works through a part of an area, as far as the time goes; it gets on by one row at least.
   *
   * @param cursor where the run before ended; null to begin. {@code Failure.BadRequest} when it is none of ours
   */
  Run run(Area area, @Nullable String cursor, Deadline deadline);
}
