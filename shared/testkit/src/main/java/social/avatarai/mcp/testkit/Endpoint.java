package social.avatarai.mcp.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a fake. It records all requests. First it plays the exchanges that a test has scripted, one for each
 * request; then it behaves as usual. An exchange that was never played fails the fake's {@code close()}.
 */
public final class Endpoint {

  /** One exchange. The second argument supplies the usual response of the endpoint. */
  @FunctionalInterface
  private interface Step {
    Response play(Received request, Supplier<Response> usual) throws InterruptedException;
  }

  private record Scripted(String description, Step step) {}

  /** The maximum wait, so that a broken client fails a test instead of blocking it. */
  private static final long GIVE_UP_MILLIS = 30_000;

  private final String name;
  private final LoopbackHttp.Handler usual;
  private final Queue<Scripted> script = new ArrayDeque<>();
  private final List<Received> requests = new ArrayList<>();

  Endpoint(String name, LoopbackHttp.Handler usual) {
    this.name = name;
    this.usual = usual;
  }

  /**
   * The next requests get these responses and have no other effect. {@link Response#NONE} closes the connection
   * instead.
   */
  public Endpoint next(Response... responses) {
    for (var response : responses)
      script("response " + response.status(), (_, _) -> response);
    return this;
  }

  /** The next request gets a response that is made of the request itself, and has no other effect. */
  public Endpoint nextFrom(Function<Received, Response> echo) {
    return script("nextFrom", (request, _) -> echo.apply(request));
  }

  /**
   * The next request is served (a code is redeemed, a token rotates), but its response is lost: the connection closes.
   */
  public Endpoint closeAfterReading() {
    return script("closeAfterReading", (_, served) -> {
      var _ = served.get();
      return Response.NONE;
    });
  }

  /** The next request is served at once, but its response waits until the latch opens or the fake closes. */
  public Endpoint delayUntil(CountDownLatch latch) {
    return script("delayUntil", (_, served) -> {
      var response = served.get();
      latch.await();
      return response;
    });
  }

  /** All requests so far, in order, including scripted exchanges. */
  public synchronized List<Received> requests() {
    return List.copyOf(requests);
  }

  /** Waits until this many requests have arrived since the start, so that a test knows that a request is under way. */
  public synchronized List<Received> awaitRequests(int count) throws InterruptedException {
    while (requests.size() < count) {
      int before = requests.size();
      wait(GIVE_UP_MILLIS);
      if (requests.size() == before) throw new AssertionError(before + " requests to the " + name + ", not " + count);
    }
    return requests();
  }

  Response respond(Received request) {
    var scripted = record(request);
    if (scripted == null) return usual.respond(request);
    try {
      return scripted.step().play(request, () -> usual.respond(request));
    } catch (InterruptedException e) { // The fake closes.
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
