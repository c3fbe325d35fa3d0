package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;

/**
 * The one way out. Whatever is sent through it has been checked by the address policy, at the moment of connecting.
 *
 * <p>Failures: {@code blocked_url} for an address that is not allowed, {@code upstream_unreachable} and
 * {@code upstream_timeout} for a server that does not answer (both say whether the request may have arrived),
 * {@code invalid_upstream_answer} for an answer over its cap.
 */
public interface Outbound {

  /** Reads an answer while it arrives; the exchange is aborted when the reader returns without reading to the end. */
  @FunctionalInterface
  interface AnswerReader<T> {
    T read(ResponseHead head, InputStream body) throws IOException;
  }

  /** Sends a request and hands the arriving answer to the reader. */
  <T> T exchange(OutboundRequest request, Deadline deadline, AnswerReader<T> reader);

  /** Sends a request and reads the whole answer. */
  default HttpResponse exchange(OutboundRequest request, Deadline deadline) {
    return exchange(request, deadline, (head, body) -> new HttpResponse(head, body.readAllBytes()));
  }

  /**
   * Refuses a URL that we would not connect to, without connecting: for URLs that a browser is sent to.
   * {@code blocked_url} when it is refused.
   */
  void admit(EndpointUrl url);

  /** Whether {@link #admit} lets a URL pass. */
  default boolean admits(EndpointUrl url) {
    try {
      admit(url);
      return true;
    } catch (Failure.BadRequest blocked) {
      return false;
    }
  }
}
