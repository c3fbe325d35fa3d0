package social.avatarai.mcp.benchmarks.simulation;

import java.util.concurrent.atomic.AtomicLongArray;

/** How many minutes after their due minute grants were refreshed. */
final class Lateness {
  private static final int MAX_MINUTES = 1_440;
  private final AtomicLongArray byMinutes = new AtomicLongArray(MAX_MINUTES + 1);

  void note(long minutes) {
    byMinutes.incrementAndGet((int) Math.clamp(minutes, 0, MAX_MINUTES));
  }

  /** The lateness in minutes that this share of the refreshes did not exceed. */
  long percentile(double share) {
    long all = total();
    long counted = 0;
    for (int minutes = 0; minutes <= MAX_MINUTES; minutes++) {
      counted += byMinutes.get(minutes);
      if (counted >= all * share) return minutes;
    }
    return MAX_MINUTES;
  }

  long total() {
    long all = 0;
    for (int minutes = 0; minutes <= MAX_MINUTES; minutes++)
      all += byMinutes.get(minutes);
    return all;
  }
}
