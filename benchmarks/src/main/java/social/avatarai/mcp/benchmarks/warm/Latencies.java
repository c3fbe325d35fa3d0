package social.avatarai.mcp.benchmarks.warm;

import java.util.Arrays;

/** The times of single calls. */
final class Latencies {
  private final long[] nanos;
  private int count;

  Latencies(int capacity) {
    nanos = new long[capacity];
  }

  void time(Runnable call) {
    long begun = System.nanoTime();
    call.run();
    nanos[count++] = System.nanoTime() - begun;
  }

  /** In milliseconds. */
  double percentile(int percent) {
    var sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted[(int) Math.min(count - 1, (long) count * percent / 100)] / 1e6;
  }
}
