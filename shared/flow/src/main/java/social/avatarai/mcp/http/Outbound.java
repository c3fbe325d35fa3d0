package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;

/**
 * The only way to send a request to another server. The address policy checks every request at the moment of
 * connecting.
 *
 * <p>Failures: {@code blocked_url} for an address that is not allowed, {@code upstream_unreachable} and
 * {@code upstream_timeout} for a server that does not respond (both say whether the request may have arrived),
 * {@code invalid_upstream_answer} for a response over its size limit.
 */
public interface Outbound {

  /**
   * Reads a response while it arrives. If the reader returns before the end of the response, the exchange is aborted.
   */
  @FunctionalInterface
  interface ResponseReader<T> {
    T read(ResponseHead head, InputStream body) throws IOException;
  }

  /** Sends a request and passes the arriving response to the reader. */
  <T> T exchange(OutboundRequest request, Deadline deadline, ResponseReader<T> reader);

  /** Sends a request and reads the whole response; of a request that may have changed something, what has arrived. */
  default HttpResponse exchange(OutboundRequest request, Deadline deadline) {
    return exchange(request, deadline, (head, body) -> request.existsOnce()
        ? HttpResponse.salvaged(head, body)
        : new HttpResponse(head, body.readAllBytes()));
  }

  /**
   * Refuses a URL to which we would not connect, without connecting. This check is for URLs to which a browser is sent.
   * The failure is {@code blocked_url}.
   */
  void admit(EndpointUrl url);
}
