package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Invokes a handler in this process, as Lambda would. */
final class LocalInvocation {
  private LocalInvocation() {}

  /** What the handler responds to the event. Both are JSON. */
  static String of(RequestStreamHandler handler, String event) throws IOException {
    var response = new ByteArrayOutputStream();
    handler.handleRequest(new ByteArrayInputStream(event.getBytes(UTF_8)), response, new LocalContext());
    return response.toString(UTF_8);
  }
}
