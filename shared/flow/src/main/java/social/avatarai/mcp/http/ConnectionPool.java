package social.avatarai.mcp.http;

import java.io.IOException;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Apache HttpClient with its connections, and without its automatic features: no cookies, no authentication, no
 * redirects, no retries (a retry would replay a code), no decompression, no proxy, no protocol upgrade.
 */
final class ConnectionPool implements AutoCloseable {
  /** The connections to one origin. An exchange beyond them waits for a connection as long as its deadline allows. */
  static final int MAX_TO_ONE_ORIGIN = 64;
  private static final int MAX_CONNECTIONS = 256;
  private static final Timeout CONNECT = Timeout.ofSeconds(3);
  private static final TimeValue CONNECTION_LIFE = TimeValue.ofSeconds(60);

  private final PoolingHttpClientConnectionManager connections;
  private final CloseableHttpClient client;

  ConnectionPool(DnsResolver names, Supplier<SSLContext> tls, Duration idle) {
    connections = connections(names, tls, idle);
    // The route is always direct, because a proxy would look up names itself and bypass the policy.
    client = HttpClientBuilder.create().setConnectionManager(connections).setUserAgent("mcp-oauth-client")
        .setRoutePlanner(new DefaultRoutePlanner(null)).setRequestExecutor(new RequestSentMarker())
        .disableAutomaticRetries().disableRedirectHandling().disableContentCompression().disableCookieManagement()
        .disableAuthCaching().disableConnectionState().build();
  }

  CloseableHttpClient client() {
    return client;
  }

  /**
   * Closes connections that were idle for this time.
   *
   * @return whether there are still connections
   */
  boolean closeIdle(Duration idle) {
    connections.closeExpired();
    connections.closeIdle(TimeValue.of(idle));
    var kept = connections.getTotalStats();
    return kept.getAvailable() + kept.getLeased() > 0;
  }

  /** The number of connections that exchanges hold now. */
  int inUse() {
    return connections.getTotalStats().getLeased();
  }

  private static PoolingHttpClientConnectionManager connections(DnsResolver names, Supplier<SSLContext> tls,
      Duration idle) {
    var http1 = Http1Config.custom().setMaxLineLength(OutboundClient.MAX_HEADER_BYTES)
        .setMaxHeaderCount(OutboundClient.MAX_HEADERS).build();
    // A connection is checked before each reuse. With a dead one it would be unknown whether the request arrived.
    var connection = ConnectionConfig.custom().setConnectTimeout(CONNECT).setTimeToLive(CONNECTION_LIFE)
        .setIdleTimeout(Timeout.of(idle)).setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS).build();
    return new OverChannels().setDnsResolver(names)
        .setTlsSocketStrategy(new LazyTls(tls))
        .setConnectionFactory(ForgettingConnection.factory(http1)).setDefaultConnectionConfig(connection)
        .setMaxConnPerRoute(MAX_TO_ONE_ORIGIN).setMaxConnTotal(MAX_CONNECTIONS).build();
  }

  /** Makes TLS when the first connection needs it: that is a part of a cold start. */
  private static final class LazyTls implements TlsSocketStrategy {
    private final Supplier<SSLContext> tls;
    private @Nullable TlsSocketStrategy made;

    LazyTls(Supplier<SSLContext> tls) {
      this.tls = tls;
    }

    @Override
    public SSLSocket upgrade(Socket socket, String host, int port, @Nullable Object attachment, HttpContext context)
        throws IOException {
      return made().upgrade(socket, host, port, attachment, context);
    }

    /** The JDK verifies the host name. Apache's verifier would first read its list of public suffixes. */
    private synchronized TlsSocketStrategy made() {
      if (made == null) {
        made = new DefaultClientTlsStrategy(tls.get(), HostnameVerificationPolicy.BUILTIN,
            NoopHostnameVerifier.INSTANCE);
      }
      return made;
    }
  }

  /** Makes connections over channels, which can say without waiting whether anything has arrived. */
  private static final class OverChannels extends PoolingHttpClientConnectionManagerBuilder {
    @Override
    protected HttpClientConnectionOperator createConnectionOperator(SchemePortResolver ports, DnsResolver names,
        TlsSocketStrategy tls) {
      return new DefaultHttpClientConnectionOperator(_ -> SocketChannel.open().socket(), ports, names,
          RegistryBuilder.<TlsSocketStrategy>create().register(URIScheme.HTTPS.id, tls).build());
    }
  }

  @Override
  public void close() {
    client.close(CloseMode.IMMEDIATE);
  }
}
