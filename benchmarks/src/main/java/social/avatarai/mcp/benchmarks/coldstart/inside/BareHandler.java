package social.avatarai.mcp.benchmarks.coldstart.inside;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The smallest Java function: it returns a constant. */
public final class BareHandler implements RequestStreamHandler {
  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    output.write("{\"statusCode\":200,\"body\":\"{}\"}".getBytes(UTF_8));
  }
}
