package social.avatarai.mcp.http;

import java.io.IOException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Marks in an exchange's context that its request is about to be sent. From then until a response arrives, we do not
 * know whether the request arrived. Before the mark, name resolution, connection and TLS handshake are done, and no
 * byte of the request has been sent.
 */
final class RequestSentMarker extends HttpRequestExecutor {
  private static final String MARK = RequestSentMarker.class.getName();

  static boolean isIn(HttpContext context) {
    return context.getAttribute(MARK) != null;
  }

  @Override
  public ClassicHttpResponse execute(ClassicHttpRequest request, HttpClientConnection connection,
      @Nullable HttpResponseInformationCallback informed, HttpContext context) throws IOException, HttpException {
    context.setAttribute(MARK, true);
    return super.execute(request, connection, informed, context);
  }
}
