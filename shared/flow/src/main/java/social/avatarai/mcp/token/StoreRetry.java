package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;

/**
 * Repeats a failing call of the store as long as there is time. It is for the calls between a token response and the
 * write of its tokens: the code or the old refresh token is used up, and the new tokens exist nowhere else.
 */
public final class StoreRetry {
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);
  private static final Duration FOR_ONE_TRY = Duration.ofMillis(500);

  private final Pause pause;
  private final Journal journal;

  public StoreRetry(Pause pause, Journal journal) {
    this.pause = pause;
    this.journal = journal;
  }

  /** The result of the first try that succeeds. A {@link Failure} is final, because it describes the row. */
  public <T> T of(ConnectionKey connection, Deadline deadline, Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (Failure e) {
        throw e;
      } catch (RuntimeException e) {
        journal.write("store_call_failed",
            Map.of("connection", connection.connection(), "detail", e.getClass().getName()));
        if (!deadline.hasAtLeast(FOR_ONE_TRY)) throw e;
        pause.of(BETWEEN_TRIES);
      }
    }
  }
}
