package social.avatarai.mcp.testkit;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small MCP server over Streamable HTTP on loopback: it speaks the handshake wire, keeps sessions, and is protected by
 * a {@link FakeAuthorizationServer} or open to all. Its {@link McpServerKnobs} change its manners, and each {@link Endpoint}
 * takes scripted exchanges; {@code close()} fails when one of them was never played.
 */
public final class FakeMcpServer implements AutoCloseable {
  private final McpServerKnobs knobs = new McpServerKnobs();
  private final LoopbackHttp http;
  private final boolean ownsHttp;
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
    var transport = new McpEndpoint(knobs, origin());
    mcp = new Endpoint("MCP endpoint", alone(request -> transport.answer(request, this.protector)));
    metadata = new Endpoint("resource metadata", alone(request -> document.answer(request, this.protector)));
  }

  /** A server that wants no token. */
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

  /** Starts on a port; 0 for any free one. */
  public static FakeMcpServer protectedBy(FakeAuthorizationServer server, int port, Consumer<McpServerKnobs> knobs) {
    return started(new FakeMcpServer(server, handler -> LoopbackHttp.bind(port, handler), knobs));
  }

  /** At the origin of its authorization server, as MCP servers of before RFC 9728 are. It closes before that one. */
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

  /** Turns knobs while it runs; the next request is served the new way. */
  public synchronized void adjust(Consumer<McpServerKnobs> turn) {
    turn.accept(knobs);
  }

  /** From now on another authorization server protects it: tokens of the former one are not good any more. */
  public synchronized void moveTo(FakeAuthorizationServer server) {
    protector = server;
  }

  /** Another server at the same origin: it gets what is not for this one. */
  public void shareOriginWith(LoopbackHttp.Handler other) {
    neighbour = other;
  }

  public Endpoint mcpEndpoint() {
    return mcp;
  }

  public Endpoint metadataEndpoint() {
    return metadata;
  }

  /** All requests to the MCP endpoint, whatever their method. */
  public List<Received> requests() {
    return mcp.requests();
  }

  /** The JSON-RPC methods that came, in order, refused ones too. */
  public List<String> methods() {
    return requests().stream().map(McpEndpoint::methodOf).filter(method -> !method.isEmpty()).toList();
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
    if (request.path().equals(knobs.path)) return mcp.answer(request);
    return isMetadata(request.path()) ? metadata.answer(request) : neighbour.answer(request);
  }

  private synchronized boolean isMetadata(String path) {
    return document.isAskedForAt(path);
  }

  /** One request at a time is served, so that all that the server knows needs no lock of its own. */
  private LoopbackHttp.Handler alone(LoopbackHttp.Handler handler) {
    return request -> {
      synchronized (this) {
        return handler.answer(request);
      }
    };
  }
}
