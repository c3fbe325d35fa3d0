package social.avatarai.mcp.http;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
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
 * Apache HttpClient with everything switched off that it would do of its own accord: no cookies, no authentication, no
 * redirects, no retries (one would replay a code), no decompression, no proxy, no protocol upgrade.
 */
final class OutboundClient implements AutoCloseable {

  /** The most bytes of headers that an answer may have. */
  static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int MAX_HEADERS = 200;
  private static final Timeout CONNECT = Timeout.ofSeconds(3);
  private static final TimeValue CONNECTION_LIFE = TimeValue.ofSeconds(60);
  private static final Timeout CONNECTION_IDLE = Timeout.ofSeconds(30);

  /** Headers that are the door's to set: another value would frame the message anew or lead it to another host. */
  private static final Set<String> OWN_HEADERS = Set.of("host", "content-length", "transfer-encoding", "connection",
      "upgrade", "te", "trailer", "expect", "accept-encoding", "user-agent");

  private final PoolingHttpClientConnectionManager connections;
  private final CloseableHttpClient client;
  private final ExchangeTimeouts cutoffs = new ExchangeTimeouts();

  OutboundClient(DnsResolver names, SSLContext tls) {
    connections = connections(names, tls);
    // The route is said to be direct, because a proxy would look names up by itself, past the policy.
    client = HttpClientBuilder.create().setConnectionManager(connections).setUserAgent("mcp-oauth-client")
        .setRoutePlanner(new DefaultRoutePlanner(null)).setRequestExecutor(new RequestSentMarker())
        .disableAutomaticRetries().disableRedirectHandling().disableContentCompression().disableCookieManagement()
        .disableAuthCaching().disableConnectionState().build();
  }

  /** A request made ready for this URL; its time runs. */
  Hop leg(OutboundRequest request, EndpointUrl url, Deadline end) {
    if (end.remaining().isZero()) throw TransportFailures.late(url.origin(), false);
    var wire = wire(request, url, end);
    return new Hop(client, wire, url.origin(), cutoffs.at(end, wire::cancel));
  }

  /** The connections that an exchange holds. */
  int inUse() {
    return connections.getTotalStats().getLeased();
  }

  private static HttpUriRequestBase wire(OutboundRequest request, EndpointUrl url, Deadline end) {
    var wire = new HttpUriRequestBase(request.method(), url.uri());
    request.headers().forEach((name, value) -> {
      if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) wire.setHeader(name, value);
    });
    wire.setHeader("Accept-Encoding", "identity");
    if (request.method().equals("POST")) wire.setEntity(new ByteArrayEntity(request.body(), null));
    var left = Timeout.of(end.remaining().plus(Duration.ofMillis(1)));
    wire.setConfig(RequestConfig.custom().setConnectionRequestTimeout(left).setResponseTimeout(left)
        .setAuthenticationEnabled(false).setProtocolUpgradeEnabled(false).build());
    return wire;
  }

  private static PoolingHttpClientConnectionManager connections(DnsResolver names, SSLContext tls) {
    var http1 = Http1Config.custom().setMaxLineLength(MAX_HEADER_BYTES).setMaxHeaderCount(MAX_HEADERS).build();
    // A connection is looked at before each reuse: one that died meanwhile must not cost a request its certainty.
    var connection = ConnectionConfig.custom().setConnectTimeout(CONNECT).setTimeToLive(CONNECTION_LIFE)
        .setIdleTimeout(CONNECTION_IDLE).setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS).build();
    return PoolingHttpClientConnectionManagerBuilder.create().setDnsResolver(names)
        // The JDK verifies the host name itself; Apache's verifier would first read its list of public suffixes.
        .setTlsSocketStrategy(
            new DefaultClientTlsStrategy(tls, HostnameVerificationPolicy.BUILTIN, NoopHostnameVerifier.INSTANCE))
        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder().http1Config(http1)
            .responseParserFactory(_ -> new StrictResponseParser(http1)).build())
        .setDefaultConnectionConfig(connection).setMaxConnPerRoute(64).setMaxConnTotal(256).build();
  }

  @Override
  public void close() {
    cutoffs.close();
    client.close(CloseMode.IMMEDIATE);
  }
}
