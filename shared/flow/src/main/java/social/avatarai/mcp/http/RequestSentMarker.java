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
 * Notes in an exchange's context that its request is about to leave: from here on nobody knows whether it arrived until
 * an answer comes. Before it, names were resolved, the connection made and TLS agreed, and nothing of the request was
 * sent.
 */
final class RequestSentMarker extends HttpRequestExecutor {
  private static final String NOTE = RequestSentMarker.class.getName();

  static boolean isIn(HttpContext context) {
    return context.getAttribute(NOTE) != null;
  }

  @Override
  public ClassicHttpResponse execute(ClassicHttpRequest request, HttpClientConnection connection,
      @Nullable HttpResponseInformationCallback informed, HttpContext context) throws IOException, HttpException {
    context.setAttribute(NOTE, true);
    return super.execute(request, connection, informed, context);
  }
}
