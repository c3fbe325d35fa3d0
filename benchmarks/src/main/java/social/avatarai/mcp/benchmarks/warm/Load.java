package social.avatarai.mcp.benchmarks.warm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/**
 * Calls that were made for some time by some threads.
 *
 * @param cpu the processor time that the measured process used meanwhile
 */
record Load(long calls, Duration time, Duration cpu) {

  /** Calls until the time is over. Each thread has a caller of its own. */
  static Load run(int threads, double seconds, IntFunction<Runnable> callers, ProcessHandle measured) {
    var cpuBefore = cpu(measured);
    long begun = System.nanoTime();
    long end = begun + (long) (seconds * 1e9);
    long calls = 0;
    try (var pool = Executors.newFixedThreadPool(threads)) {
      var running = new ArrayList<Future<Long>>();
      for (int i = 0; i < threads; i++) {
        var caller = callers.apply(i);
        running.add(pool.submit(() -> callUntil(end, caller)));
      }
      for (var one : running)
        calls += result(one);
    }
    return new Load(calls, Duration.ofNanos(System.nanoTime() - begun), cpu(measured).minus(cpuBefore));
  }

  private static long result(Future<Long> one) {
    try {
      return one.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static long callUntil(long end, Runnable caller) {
    long calls = 0;
    for (; System.nanoTime() < end; calls++)
      caller.run();
    return calls;
  }

  static Duration cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().orElseThrow();
  }

  /** The load of several rounds. */
  static Load sum(List<Load> rounds) {
    return rounds.stream().reduce(new Load(0, Duration.ZERO, Duration.ZERO),
        (a, b) -> new Load(a.calls + b.calls, a.time.plus(b.time), a.cpu.plus(b.cpu)));
  }

  double perSecond() {
    return calls * 1e9 / time.toNanos();
  }

  double cpuMillisPerCall() {
    return cpu.toNanos() / 1e6 / calls;
  }

  String toLine() {
    return String.format(Locale.ROOT, "%d %d %d", calls, time.toNanos(), cpu.toNanos());
  }

  static Load ofLine(String line) {
    var words = line.split(" ");
    return new Load(Long.parseLong(words[0]), Duration.ofNanos(Long.parseLong(words[1])),
        Duration.ofNanos(Long.parseLong(words[2])));
  }
}
