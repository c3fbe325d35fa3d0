package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.BearerGuard.Caller;
import social.avatarai.mcp.testkit.McpMethods.JsonRpcError;

/**
 * A small MCP server over the HTTP+SSE transport of MCP 2024-11-05 on loopback: {@code GET /sse} opens a stream, whose
 * first event names the URL for messages. It is protected by a {@link FakeAuthorizationServer} or open to all. A POST
 * to the URL of the stream is refused.
 */
public final class FakeSseServer implements AutoCloseable {
  private static final String STREAM = "/sse";
  private static final String MESSAGES = "/messages";
  /** Ends a stream. */
  private static final String END = "";

  private final McpServerKnobs knobs = new McpServerKnobs();
  private final SseKnobs sse = new SseKnobs();
  private final @Nullable HttpServer ownHttp;
  private final String origin;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final @Nullable FakeAuthorizationServer protector;
  private final BearerGuard guard;
  private final McpMethods methods = new McpMethods(knobs);
  private final FakeProtectedResourceMetadata metadata;
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final List<Received> requests = Collections.synchronizedList(new ArrayList<>());

  private static final class Session {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private volatile boolean isInitialized;
  }

  private FakeSseServer(@Nullable FakeAuthorizationServer protector, @Nullable LoopbackHttp place,
      BiConsumer<SseKnobs, McpServerKnobs> turn) {
    this.protector = protector;
    knobs.path(STREAM);
    turn.accept(sse, knobs);
    ownHttp = place == null ? bind() : null;
    origin = ownHttp == null
        ? Objects.requireNonNull(place).url()
        : "http://localhost:" + ownHttp.getAddress().getPort();
    guard = new BearerGuard(knobs, origin);
    metadata = new FakeProtectedResourceMetadata(knobs, url());
    if (ownHttp == null) {
      for (String path : List.of(STREAM, MESSAGES, McpServerKnobs.WELL_KNOWN + STREAM))
        Objects.requireNonNull(place).serveBelow(path, this::serve);
      return;
    }
    ownHttp.setExecutor(threads);
    ownHttp.createContext("/", this::serve);
    ownHttp.start();
  }

  private static HttpServer bind() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server that requires no token. */
  public static FakeSseServer open(BiConsumer<SseKnobs, McpServerKnobs> knobs) {
    return new FakeSseServer(null, null, knobs);
  }

  public static FakeSseServer protectedBy(FakeAuthorizationServer server, BiConsumer<SseKnobs, McpServerKnobs> knobs) {
    return new FakeSseServer(server, null, knobs);
  }

  /** Starts at the origin of its authorization server. Close this server before the authorization server. */
  public static FakeSseServer atOriginOf(FakeAuthorizationServer server, BiConsumer<SseKnobs, McpServerKnobs> knobs) {
    return new FakeSseServer(server, server.http(), knobs);
  }

  public String origin() {
    return origin;
  }

  /** The URL of the stream. */
  public String url() {
    return origin() + knobs.path;
  }

  /** Turns knobs while the server runs. */
  public void adjust(BiConsumer<SseKnobs, McpServerKnobs> turn) {
    turn.accept(sse, knobs);
  }

  /** All requests except those for metadata, in order. */
  public List<Received> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /**
   * What was asked for, in order: {@code GET} for a stream, {@code POST} for a POST to the stream's URL, else the method
   * of the message, or {@code reply} for one without.
   */
  public List<String> steps() {
    return requests().stream().map(request -> {
      if (request.path().equals(knobs.path)) return request.method();
      String method = McpEndpoint.methodOf(request);
      return method.isEmpty() ? "reply" : method;
    }).toList();
  }

  @Override
  public void close() {
    closed.countDown();
    if (ownHttp != null) ownHttp.stop(0);
    threads.shutdownNow();
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var request = LoopbackHttp.receive(exchange);
      if (metadata.isAskedForAt(request.path())) {
        LoopbackHttp.send(exchange, metadata.respond(request, protector));
        return;
      }
      requests.add(request);
      if (request.path().equals(knobs.path) && request.method().equals("GET")) stream(exchange, request);
      else
        LoopbackHttp.send(exchange, respond(request));
    } catch (InterruptedException e) { // The fake closes.
      Thread.currentThread().interrupt();
    }
  }

  private Response respond(Received request) throws InterruptedException {
    if (request.path().equals(knobs.path)) return sse.postToStream;
    if (!request.path().startsWith(MESSAGES) || !request.method().equals("POST")) return Response.of(404);
    try {
      return message(request);
    } catch (HttpRefusal e) {
      return e.response();
    }
  }

  private void stream(HttpExchange exchange, Received request) throws IOException, InterruptedException {
    var refusal = streamRefusal(request);
    if (refusal != null) {
      LoopbackHttp.send(exchange, refusal);
      return;
    }
    String id = Unguessable.text();
    var session = new Session();
    sessions.put(id, session);
    session.events.add(sse.opening.apply(id));
    if (sse.endsAfterOpening) session.events.add(END);
    exchange.getResponseHeaders().add("Content-Type", "text/event-stream; charset=utf-8");
    exchange.sendResponseHeaders(200, 0);
    var body = exchange.getResponseBody();
    for (String event = session.events.take(); !event.equals(END); event = session.events.take()) {
      body.write(event.getBytes(UTF_8));
      body.flush();
    }
    body.close();
  }

  private @Nullable Response streamRefusal(Received request) {
    try {
      var once = sse.refusedOnce.remove("GET");
      if (once != null) return once;
      if (sse.guardsStream) guard.admit(request, "", protector);
      return request.accepts("text/event-stream") ? sse.streamRefusal : Response.of(406);
    } catch (HttpRefusal e) {
      return e.response();
    }
  }

  private Response message(Received request) throws InterruptedException {
    var message = request.json();
    String method = message.path("method").asText();
    var caller = sse.guardsPosts ? guard.admit(request, method, protector) : Caller.ANONYMOUS;
    var once = sse.refusedOnce.remove(method);
    var refused = once != null ? once : sse.refusedPosts.get(method);
    if (refused != null) return refused;
    var session = sessions.get(request.parametersOfQuery().getOrDefault("sessionId", ""));
    if (session == null) return Response.of(404);
    if (method.equals("notifications/initialized")) session.isInitialized = true;
    return message.has("id") && !method.isEmpty() ? answer(session, message, caller) : Response.of(202);
  }

  private Response answer(Session session, ObjectNode message, Caller caller) throws InterruptedException {
    String method = message.path("method").asText();
    for (var before : sse.before.getOrDefault(method, List.of()))
      session.events.add(event(before));
    if (sse.silentAt.contains(method)) return Response.of(202);
    if (sse.endsAt.contains(method)) {
      session.events.add(END);
      return Response.of(202);
    }
    var response = response(session, message, caller);
    if (sse.inBody.contains(method)) return Response.json(200, response);
    session.events.add(Objects.requireNonNullElseGet(sse.verbatim.get(method), () -> event(response)));
    if (sse.waitsWithPost) closed.await();
    return Response.of(202).body("text/plain", "Accepted");
  }

  private ObjectNode response(Session session, ObjectNode message, Caller caller) {
    String method = message.path("method").asText();
    var response = Json.newObject().put("jsonrpc", "2.0");
    response.set("id", message.path("id"));
    try {
      if (!session.isInitialized && !method.equals("initialize")) throw new JsonRpcError(-32002, "not initialized");
      response.set("result", methods.result(method, message.path("params"), caller));
    } catch (JsonRpcError e) {
      response.set("error", e.error());
    }
    return response;
  }

  private static String event(ObjectNode message) {
    return "event: message\ndata: " + message + "\n\n";
  }
}
