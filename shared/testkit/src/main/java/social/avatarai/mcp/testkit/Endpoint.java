package social.avatarai.mcp.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a fake: it records what comes, and plays the exchanges that a test has scripted, one a request, before
 * it behaves as usual. An exchange that was never played fails the fake's {@code close()}.
 */
public final class Endpoint {

  /** What an exchange does, given what the endpoint would do as usual. */
  @FunctionalInterface
  private interface Step {
    Response play(Supplier<Response> usual) throws InterruptedException;
  }

  private record Scripted(String description, Step step) {}

  /** So that a broken client fails a test instead of hanging it. */
  private static final long GIVE_UP_MILLIS = 30_000;

  private final String name;
  private final LoopbackHttp.Handler usual;
  private final Queue<Scripted> script = new ArrayDeque<>();
  private final List<Received> requests = new ArrayList<>();

  Endpoint(String name, LoopbackHttp.Handler usual) {
    this.name = name;
    this.usual = usual;
  }

  /** The next requests get these answers, and nothing is done about them. {@link Response#NONE} closes instead. */
  public Endpoint next(Response... answers) {
    for (var answer : answers)
      script("answer " + answer.status(), _ -> answer);
    return this;
  }

  /** The next request is served (a code is redeemed, a token rotates), but its answer is lost: the connection closes. */
  public Endpoint closeAfterReading() {
    return script("closeAfterReading", served -> {
      var _ = served.get();
      return Response.NONE;
    });
  }

  /** The next request is served at once; its answer is held back until the latch opens, or the fake closes. */
  public Endpoint delayUntil(CountDownLatch latch) {
    return script("delayUntil", served -> {
      var answer = served.get();
      latch.await();
      return answer;
    });
  }

  /** What has come so far, in order, scripted exchanges included. */
  public synchronized List<Received> requests() {
    return List.copyOf(requests);
  }

  /** Waits until this many requests have come since the start: to know that one is under way. */
  public synchronized List<Received> awaitRequests(int count) throws InterruptedException {
    while (requests.size() < count) {
      int before = requests.size();
      wait(GIVE_UP_MILLIS);
      if (requests.size() == before) throw new AssertionError(before + " requests to the " + name + ", not " + count);
    }
    return requests();
  }

  Response answer(Received request) {
    var scripted = record(request);
    if (scripted == null) return usual.answer(request);
    try {
      return scripted.step().play(() -> usual.answer(request));
    } catch (InterruptedException e) { // the fake closes
      Thread.currentThread().interrupt();
      return Response.NONE;
    }
  }

  synchronized void verifyScriptPlayed() {
    if (script.isEmpty()) return;
    var left = script.stream().map(Scripted::description).toList();
    throw new AssertionError("scripted for the " + name + " but never asked for: " + left);
  }

  private synchronized Endpoint script(String description, Step step) {
    script.add(new Scripted(description, step));
    return this;
  }

  private synchronized @Nullable Scripted record(Received request) {
    requests.add(request);
    notifyAll();
    return script.poll();
  }
}
