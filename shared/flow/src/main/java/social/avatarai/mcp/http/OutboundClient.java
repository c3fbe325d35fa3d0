package social.avatarai.mcp.http;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;

/**
 * Apache HttpClient without its automatic features: no cookies, no authentication, no redirects, no retries (a retry
 * would replay a code), no decompression, no proxy, no protocol upgrade.
 */
final class OutboundClient implements AutoCloseable {

  /** The maximum size of all headers of a response, in bytes. */
  static final int MAX_HEADER_BYTES = 16 * 1024;
  static final int MAX_HEADERS = 200;
  private static final Timeout CONNECT = Timeout.ofSeconds(3);
  private static final TimeValue CONNECTION_LIFE = TimeValue.ofSeconds(60);
  /** An idle connection is closed after twice this time at the latest. */
  private static final Duration CONNECTION_IDLE = Duration.ofSeconds(30);

  /** Headers that only the door sets. Another value could change the framing of the message or its host. */
  private static final Set<String> OWN_HEADERS = Set.of("host", "content-length", "transfer-encoding", "connection",
      "upgrade", "te", "trailer", "expect", "accept-encoding", "user-agent");

  private final PoolingHttpClientConnectionManager connections;
  private final CloseableHttpClient client;
  private final ExchangeTimeouts timeouts = new ExchangeTimeouts();
  private final Duration idle;
  private final AtomicBoolean closesIdle = new AtomicBoolean();

  OutboundClient(DnsResolver names, SSLContext tls) {
    this(names, tls, CONNECTION_IDLE);
  }

  OutboundClient(DnsResolver names, SSLContext tls, Duration idle) {
    this.idle = idle;
    connections = connections(names, tls);
    // The route is always direct, because a proxy would look up names itself and bypass the policy.
    client = HttpClientBuilder.create().setConnectionManager(connections).setUserAgent("mcp-oauth-client")
        .setRoutePlanner(new DefaultRoutePlanner(null)).setRequestExecutor(new RequestSentMarker())
        .disableAutomaticRetries().disableRedirectHandling().disableContentCompression().disableCookieManagement()
        .disableAuthCaching().disableConnectionState().build();
  }

  /** Prepares a request for this URL and starts its timer. */
  Hop hop(OutboundRequest request, EndpointUrl url, Duration silence, Deadline end) {
    if (end.remaining().isZero()) throw TransportFailures.late(url.origin(), false);
    var httpRequest = httpRequest(request, url, end);
    closeIdleLater();
    return new Hop(client, httpRequest, url.origin(), timeouts.at(silence, end, httpRequest::cancel));
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
    connections.closeExpired();
    connections.closeIdle(TimeValue.of(idle));
    var kept = connections.getTotalStats();
    if (kept.getAvailable() + kept.getLeased() > 0) closeIdleLater();
  }

  /** The number of connections that exchanges hold now. */
  int inUse() {
    return connections.getTotalStats().getLeased();
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

  private static PoolingHttpClientConnectionManager connections(DnsResolver names, SSLContext tls) {
    var http1 = Http1Config.custom().setMaxLineLength(MAX_HEADER_BYTES).setMaxHeaderCount(MAX_HEADERS).build();
    // A connection is checked before each reuse. With a dead one it would be unknown whether the request arrived.
    var connection = ConnectionConfig.custom().setConnectTimeout(CONNECT).setTimeToLive(CONNECTION_LIFE)
        .setIdleTimeout(Timeout.of(CONNECTION_IDLE)).setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS).build();
    return PoolingHttpClientConnectionManagerBuilder.create().setDnsResolver(names)
        // The JDK verifies the host name. Apache's verifier would first read its list of public suffixes.
        .setTlsSocketStrategy(
            new DefaultClientTlsStrategy(tls, HostnameVerificationPolicy.BUILTIN, NoopHostnameVerifier.INSTANCE))
        .setConnectionFactory(ForgettingConnection.factory(http1))
        .setDefaultConnectionConfig(connection).setMaxConnPerRoute(64).setMaxConnTotal(256).build();
  }

  @Override
  public void close() {
    timeouts.close();
    client.close(CloseMode.IMMEDIATE);
  }
}
