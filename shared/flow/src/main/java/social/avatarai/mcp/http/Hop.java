package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import social.avatarai.mcp.Failure;

/**
 * One request and its response. An exchange with redirects has several hops.
 *
 * <p>A hop that is closed before the end of the response cuts the connection. The client would read the response to its
 * end, which may never come.
 */
final class Hop implements AutoCloseable {
  private final CloseableHttpClient client;
  private final HttpUriRequestBase request;
  private final String origin;
  private final ExchangeTimeouts.ExchangeTimeout timeout;
  private final HttpClientContext context = HttpClientContext.create();

  Hop(CloseableHttpClient client, HttpUriRequestBase request, String origin, ExchangeTimeouts.ExchangeTimeout timeout) {
    this.client = client;
    this.request = request;
    this.origin = origin;
    this.timeout = timeout;
  }

  ExchangeTimeouts.ExchangeTimeout timeout() {
    return timeout;
  }

  /** A response whose head has arrived and whose body has not been read yet. */
  record ArrivingResponse(ResponseHead head, InputStream body) {}

  /** Sends the request and waits for the head of the response. */
  ArrivingResponse send() {
    try {
      var response = ScopedValue.where(CheckingDnsResolver.END, timeout.end())
          .call(() -> client.executeOpen(null, request, context));
      timeout.headArrived();
      var entity = response.getEntity();
      return new ArrivingResponse(head(response), entity == null ? InputStream.nullInputStream() : entity.getContent());
    } catch (IOException e) {
      throw failure(e);
    } catch (IllegalStateException e) {
      // The client throws this if the connection was cut while it was being made.
      throw cut().orElseThrow(() -> e);
    }
  }

  /**
   * Passes the response to its reader. Exceptions of the reader pass through, except an IOException, which becomes a
   * failure.
   */
  <T> T read(ArrivingResponse response, OutboundRequest limits, Outbound.ResponseReader<T> reader) {
    int status = response.head().status();
    try (var body = body(response, limits)) {
      return reader.read(response.head(), body);
    } catch (IOException e) {
      throw failure(e).withUpstreamStatus(status);
    }
  }

  private InputStream body(ArrivingResponse response, OutboundRequest limits) {
    int status = response.head().status();
    Function<String, Failure> over = how -> invalid("is " + how).withUpstreamStatus(status);
    return new DecodedBody(response.head(), response.body(), limits.maxBytes(), over);
  }

  @Override
  public void close() {
    timeout.close();
    request.cancel(); // No effect after the whole response was read: the connection is in the pool again.
  }

  private ResponseHead head(ClassicHttpResponse response) {
    var headers = new LinkedHashMap<String, List<String>>();
    int size = 0;
    for (Header header : response.getHeaders()) {
      String value = header.getValue() == null ? "" : header.getValue();
      size += header.getName().length() + value.length() + 4; // ": " and the line's end
      headers.computeIfAbsent(header.getName().toLowerCase(Locale.ROOT), _ -> new ArrayList<>()).add(value);
    }
    if (size > OutboundClient.MAX_HEADER_BYTES)
      throw invalid("has headers of more than " + OutboundClient.MAX_HEADER_BYTES + " bytes")
          .withUpstreamStatus(response.getCode());
    return new ResponseHead(response.getCode(), headers);
  }

  private Failure failure(IOException e) {
    return cut().orElseGet(() -> TransportFailures.because(e, origin, RequestSentMarker.isIn(context)));
  }

  /** The failure of an exchange that was aborted. */
  private Optional<Failure> cut() {
    return timeout.reason().map(why -> why.failure(origin, RequestSentMarker.isIn(context)));
  }

  private Failure invalid(String fault) {
    return TransportFailures.invalid(fault, origin, null);
  }
}
