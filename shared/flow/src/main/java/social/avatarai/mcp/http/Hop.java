package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import social.avatarai.mcp.Failure;

/**
 * One request and its answer: an exchange has several where it is redirected.
 *
 * <p>Closed before the answer's end, it cuts the connection: to drain it, as the client would, may never end.
 */
final class Hop implements AutoCloseable {
  private final CloseableHttpClient client;
  private final HttpUriRequestBase wire;
  private final String origin;
  private final ExchangeTimeouts.Cutoff cutoff;
  private final HttpClientContext context = HttpClientContext.create();

  Hop(CloseableHttpClient client, HttpUriRequestBase wire, String origin, ExchangeTimeouts.Cutoff cutoff) {
    this.client = client;
    this.wire = wire;
    this.origin = origin;
    this.cutoff = cutoff;
  }

  /** An answer whose head is here and whose body is still to come. */
  record Arriving(ResponseHead head, InputStream body) {}

  /** Sends the request and waits for the head of the answer. */
  Arriving send() {
    try {
      var response = ScopedValue.where(CheckingDnsResolver.END, cutoff.end())
          .call(() -> client.executeOpen(null, wire, context));
      var entity = response.getEntity();
      return new Arriving(head(response), entity == null ? InputStream.nullInputStream() : entity.getContent());
    } catch (IOException e) {
      throw failure(e);
    } catch (IllegalStateException e) {
      // The client's word for a connection that was cut while it was made.
      throw cutoff.reached() ? late() : e;
    }
  }

  /** Hands the answer to its reader. What the reader throws passes, but for bytes that could not be read. */
  <T> T read(Arriving answer, int maxBytes, Outbound.AnswerReader<T> reader) {
    int status = answer.head().status();
    requireIdentity(answer.head());
    try {
      return reader.read(answer.head(),
          new CappedBody(answer.body(), maxBytes, () -> invalid("is over its limit").withUpstreamStatus(status)));
    } catch (IOException e) {
      throw failure(e).withUpstreamStatus(status);
    }
  }

  @Override
  public void close() {
    cutoff.close();
    wire.cancel(); // Without effect once the answer was read to its end: the connection is back in the pool by then.
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
      throw invalid("has too many headers").withUpstreamStatus(response.getCode());
    return new ResponseHead(response.getCode(), headers);
  }

  /** We ask for the body as it is (RFC 9110 §12.5.3): a cap on packed bytes would cap nothing. */
  private void requireIdentity(ResponseHead head) {
    if (!head.headers("content-encoding").stream().allMatch(coding -> coding.equalsIgnoreCase("identity"))) {
      throw invalid("is compressed, which was not asked for").withUpstreamStatus(head.status());
    }
  }

  private Failure failure(IOException e) {
    return cutoff.reached() ? late() : TransportFailures.because(e, origin, RequestSentMarker.isIn(context));
  }

  private Failure late() {
    return TransportFailures.late(origin, RequestSentMarker.isIn(context));
  }

  private Failure invalid(String fault) {
    return TransportFailures.invalid(fault, origin, null);
  }
}
