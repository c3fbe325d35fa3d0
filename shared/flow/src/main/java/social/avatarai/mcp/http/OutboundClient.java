package social.avatarai.mcp.http;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;

/**
 * Prepares requests for Apache HttpClient.
 *
 * <p>There are two pools of connections. A call of HTTP+SSE holds the connection of its stream while it posts its
 * messages to the same origin. With one pool, as many calls as the pool has connections would wait for each other.
 */
final class OutboundClient implements AutoCloseable {

  /** The maximum size of all headers of a response, in bytes. */
  static final int MAX_HEADER_BYTES = 16 * 1024;
  static final int MAX_HEADERS = 200;
  /** An idle connection is closed after twice this time at the latest. */
  private static final Duration CONNECTION_IDLE = Duration.ofSeconds(30);

  /** Headers that only the door sets. Another value could change the framing of the message or its host. */
  private static final Set<String> OWN_HEADERS = Set.of("host", "content-length", "transfer-encoding", "connection",
      "upgrade", "te", "trailer", "expect", "accept-encoding", "user-agent");

  private final DnsResolver names;
  private final Supplier<SSLContext> tls;
  private final ConnectionPool exchanges;
  /** The pool of streams, which most processes never need; null before the first stream. */
  private @Nullable ConnectionPool streams;
  private final ExchangeTimeouts timeouts = new ExchangeTimeouts();
  private final Duration idle;
  private final AtomicBoolean closesIdle = new AtomicBoolean();

  OutboundClient(DnsResolver names, Supplier<SSLContext> tls) {
    this(names, tls, CONNECTION_IDLE);
  }

  OutboundClient(DnsResolver names, Supplier<SSLContext> tls, Duration idle) {
    this.names = names;
    this.tls = tls;
    this.idle = idle;
    this.exchanges = new ConnectionPool(names, tls, CONNECTION_IDLE);
  }

  private ConnectionPool pool(OutboundRequest request) {
    return request.isHeld() ? streams() : exchanges;
  }

  private synchronized ConnectionPool streams() {
    if (streams == null) streams = new ConnectionPool(names, tls, CONNECTION_IDLE);
    return streams;
  }

  private synchronized List<ConnectionPool> pools() {
    return streams == null ? List.of(exchanges) : List.of(exchanges, streams);
  }

  /** Prepares a request for this URL and starts its timer. */
  Hop hop(OutboundRequest request, EndpointUrl url, Duration silence, Deadline end) {
    if (end.remaining().isZero()) throw TransportFailures.late(url.origin(), false);
    var httpRequest = httpRequest(request, url, end);
    closeIdleLater();
    return new Hop(pool(request).client(), httpRequest, url.origin(), timeouts.at(silence, end, httpRequest::cancel));
  }

  /**
   * TLS of the JDK keeps the last record that a connection received, decrypted, for as long as the connection is open.
   * The pool itself only looks at a connection when the connection is asked for.
   */
  private void closeIdleLater() {
    if (closesIdle.getAndSet(true)) return;
    // The end of a TLS connection is sent to the server. The timer's thread must not wait for that.
    timeouts.after(idle, () -> Thread.ofVirtual().name("idle-connections").start(this::closeIdle));
  }

  private void closeIdle() {
    closesIdle.set(false);
    boolean hasMore = false;
    for (var pool : pools())
      hasMore |= pool.closeIdle(idle);
    if (hasMore) closeIdleLater();
  }

  /** The number of connections that exchanges hold now. */
  int inUse() {
    return pools().stream().mapToInt(ConnectionPool::inUse).sum();
  }

  private static HttpUriRequestBase httpRequest(OutboundRequest request, EndpointUrl url, Deadline end) {
    var httpRequest = new HttpUriRequestBase(request.method(), url.uri());
    request.headers().forEach((name, value) -> {
      if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) httpRequest.setHeader(name, value);
    });
    httpRequest.setHeader("Accept-Encoding", "identity");
    // RFC 9112 §9.6: then neither side uses the connection for another exchange.
    if (!request.keepsConnection()) httpRequest.setHeader("Connection", "close");
    if (request.hasBody()) httpRequest.setEntity(new ByteArrayEntity(request.body(), null));
    var left = Timeout.of(end.remaining().plus(Duration.ofMillis(1)));
    httpRequest.setConfig(RequestConfig.custom().setConnectionRequestTimeout(left).setResponseTimeout(left)
        .setAuthenticationEnabled(false).setProtocolUpgradeEnabled(false).build());
    return httpRequest;
  }

  @Override
  public void close() {
    timeouts.close();
    pools().forEach(ConnectionPool::close);
  }
}
