package social.avatarai.mcp.testkit;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small MCP server over Streamable HTTP on loopback. It uses a legacy protocol, keeps sessions, and is protected by a
 * {@link FakeAuthorizationServer} or open to all. The {@link McpServerKnobs} change its behaviour, and each
 * {@link Endpoint} accepts scripted exchanges. {@code close()} fails if a scripted exchange was never played.
 */
public final class FakeMcpServer implements AutoCloseable {
  private final McpServerKnobs knobs = new McpServerKnobs();
  private final LoopbackHttp http;
  private final boolean ownsHttp;
  private final McpEndpoint transport;
  private final Endpoint mcp;
  private final Endpoint metadata;
  private final FakeProtectedResourceMetadata document;
  private @Nullable FakeAuthorizationServer protector;
  private volatile LoopbackHttp.Handler neighbour = _ -> Response.of(404);

  private FakeMcpServer(@Nullable FakeAuthorizationServer protector, Function<LoopbackHttp.Handler, LoopbackHttp> place,
      Consumer<McpServerKnobs> turn) {
    turn.accept(knobs);
    this.protector = protector;
    http = place.apply(this::route);
    ownsHttp = protector == null || !protector.origin().equals(http.url());
    document = new FakeProtectedResourceMetadata(knobs, url());
    transport = new McpEndpoint(knobs, origin());
    mcp = new Endpoint("MCP endpoint", held(alone(request -> transport.respond(request, this.protector))));
    metadata = new Endpoint("resource metadata", alone(request -> document.respond(request, this.protector)));
  }

  /** A server that requires no token. */
  public static FakeMcpServer open() {
    return open(_ -> {});
  }

  public static FakeMcpServer open(Consumer<McpServerKnobs> knobs) {
    return started(new FakeMcpServer(null, handler -> LoopbackHttp.bind(0, handler), knobs));
  }

  public static FakeMcpServer protectedBy(FakeAuthorizationServer server) {
    return protectedBy(server, _ -> {});
  }

  public static FakeMcpServer protectedBy(FakeAuthorizationServer server, Consumer<McpServerKnobs> knobs) {
    return protectedBy(server, 0, knobs);
  }

  /** Starts on a port; 0 for any free port. */
  public static FakeMcpServer protectedBy(FakeAuthorizationServer server, int port, Consumer<McpServerKnobs> knobs) {
    return started(new FakeMcpServer(server, handler -> LoopbackHttp.bind(port, handler), knobs));
  }

  /**
   * Starts at the origin of its authorization server, like MCP servers without RFC 9728. Close this server before the
   * authorization server.
   */
  public static FakeMcpServer atOriginOf(FakeAuthorizationServer server, Consumer<McpServerKnobs> knobs) {
    return new FakeMcpServer(server, server::shareOriginWith, knobs);
  }

  public String origin() {
    return http.url();
  }

  /** The URL of the MCP endpoint, which is the resource. */
  public String url() {
    return http.url() + knobs.path;
  }

  /** Turns knobs while the server runs. The next request is served in the new way. */
  public synchronized void adjust(Consumer<McpServerKnobs> turn) {
    turn.accept(knobs);
  }

  /** Forgets all sessions, as at a restart. */
  public synchronized void forgetSessions() {
    transport.sessions().forget();
  }

  /** From now on another authorization server protects this server. Tokens of the former one are no longer valid. */
  public synchronized void moveTo(FakeAuthorizationServer server) {
    protector = server;
  }

  /** Adds another server at the same origin. The other server gets all requests for other paths. */
  public void shareOriginWith(LoopbackHttp.Handler other) {
    neighbour = other;
  }

  public Endpoint mcpEndpoint() {
    return mcp;
  }

  public Endpoint metadataEndpoint() {
    return metadata;
  }

  /** All requests to the MCP endpoint, with any HTTP method. */
  public List<Received> requests() {
    return mcp.requests();
  }

  /** The JSON-RPC methods of all requests, in order, including refused requests. */
  public List<String> methods() {
    return requests().stream().map(McpEndpoint::methodOf).filter(method -> !method.isEmpty()).toList();
  }

  /** How many requests of this MCP method the server received. */
  public int received(String method) {
    return Collections.frequency(methods(), method);
  }

  /** The ids of the sessions that are open. */
  public synchronized Set<String> openSessions() {
    return transport.sessions().open();
  }

  /** The ids of the sessions that a client has ended, in order. */
  public synchronized List<String> endedSessions() {
    return transport.sessions().ended();
  }

  public List<Received> metadataRequests() {
    return metadata.requests();
  }

  @Override
  public void close() {
    if (ownsHttp) http.close();
    List.of(mcp, metadata).forEach(Endpoint::verifyScriptPlayed);
  }

  private static FakeMcpServer started(FakeMcpServer server) {
    server.http.serve();
    return server;
  }

  private Response route(Received request) {
    if (request.path().equals(knobs.path)) return mcp.respond(request);
    return isMetadata(request.path()) ? metadata.respond(request) : neighbour.respond(request);
  }

  private synchronized boolean isMetadata(String path) {
    return document.isAskedForAt(path);
  }

  /** Holds the end of a session, without holding other requests. */
  private LoopbackHttp.Handler held(LoopbackHttp.Handler handler) {
    return request -> {
      var latch = request.method().equals("DELETE") ? knobs.sessionEndLatch : null;
      if (latch == null) return handler.respond(request);
      try {
        latch.await();
      } catch (InterruptedException e) { // The fake closes.
        Thread.currentThread().interrupt();
      }
      return Response.NONE;
    };
  }

  /** Serves one request at a time, so that the server's state needs no other lock. */
  private LoopbackHttp.Handler alone(LoopbackHttp.Handler handler) {
    return request -> {
      synchronized (this) {
        return handler.respond(request);
      }
    };
  }
}
