package social.avatarai.mcp.testkit.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Runs many calls at the same moment. */
final class Race {
  static final int RUNNERS = 20;

  private Race() {}

  /** Starts {@value #RUNNERS} runners at once. Returns the result of each. */
  static <T> List<T> of(IntFunction<Callable<T>> runner) throws Exception {
    var start = new CountDownLatch(1);
    try (var threads = Executors.newFixedThreadPool(RUNNERS)) {
      List<Future<T>> running = IntStream.range(0, RUNNERS).mapToObj(runner).map(call -> threads.submit(() -> {
        start.await();
        return call.call();
      })).toList();
      start.countDown();
      var results = new ArrayList<T>();
      for (Future<T> result : running)
        results.add(result.get());
      return results;
    }
  }
}
