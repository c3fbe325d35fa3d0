package social.avatarai.mcp.benchmarks.coldstart;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Lambda's Runtime API (2018-06-01) on loopback, for one process. It gives the same event a number of times and notes
 * when the process asks and responds.
 */
final class RuntimeApi implements AutoCloseable {
  private static final Duration MAX = Duration.ofSeconds(60);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final byte[] event;
  private final int invocations;
  private final List<Long> given = new ArrayList<>();
  private final List<Long> responded = new ArrayList<>();
  private final CompletableFuture<String> firstResponse = new CompletableFuture<>();
  private final CompletableFuture<String> lastResponse = new CompletableFuture<>();
  private final CountDownLatch goesOn = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  private RuntimeApi(HttpServer server, String event, int invocations) {
    this.server = server;
    this.event = event.getBytes(UTF_8);
    this.invocations = invocations;
    server.setExecutor(threads);
    server.createContext("/2018-06-01/runtime/", this::serve);
    server.start();
  }

  /** Starts for a process. */
  static RuntimeApi start(String event, int invocations) throws IOException {
    var address = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    return new RuntimeApi(HttpServer.create(address, 0), event, invocations);
  }

  /** What AWS_LAMBDA_RUNTIME_API names. */
  String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Waits for the response to the first event. */
  String awaitFirst() throws Exception {
    return firstResponse.get(MAX.toSeconds(), TimeUnit.SECONDS);
  }

  /** Gives the events after the first one. */
  void goOn() {
    goesOn.countDown();
  }

  /** Waits for the response to the last event. */
  String awaitLast() throws Exception {
    return lastResponse.get(MAX.toSeconds(), TimeUnit.SECONDS);
  }

  /** When each event was given, in the time of {@link System#nanoTime()}. */
  synchronized List<Long> given() {
    return List.copyOf(given);
  }

  /** When each response had arrived. */
  synchronized List<Long> responded() {
    return List.copyOf(responded);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (path.endsWith("/invocation/next")) next(exchange);
      else if (path.endsWith("/restore/next")) send(exchange, 200, new byte[0]);
      else if (path.endsWith("/response")) accept(exchange, new String(body, UTF_8));
      else {
        refuse(new IllegalStateException(path + ": " + new String(body, UTF_8)));
        send(exchange, 202, new byte[0]);
      }
    }
  }

  private void next(HttpExchange exchange) throws IOException {
    if (size(given) == invocations) {
      await(closed, MAX);
      return;
    }
    if (size(given) == 1) await(goesOn, MAX);
    note(given);
    var headers = exchange.getResponseHeaders();
    headers.set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
    headers.set("Lambda-Runtime-Deadline-Ms", Long.toString(System.currentTimeMillis() + 28_000));
    headers.set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:benchmark");
    headers.set("Content-Type", "application/json");
    send(exchange, 200, event);
  }

  private void accept(HttpExchange exchange, String body) throws IOException {
    int count = note(responded);
    send(exchange, 202, new byte[0]);
    if (count == 1) firstResponse.complete(body);
    if (count == invocations) lastResponse.complete(body);
  }

  private synchronized int size(List<Long> times) {
    return times.size();
  }

  private synchronized int note(List<Long> times) {
    times.add(System.nanoTime());
    return times.size();
  }

  /** The process, or an invocation, has failed. */
  void refuse(Exception fault) {
    firstResponse.completeExceptionally(fault);
    lastResponse.completeExceptionally(fault);
  }

  private static void await(CountDownLatch latch, Duration time) {
    try {
      var _ = latch.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
