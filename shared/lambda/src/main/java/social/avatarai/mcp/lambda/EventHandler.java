package social.avatarai.mcp.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;

/** A function that an event of AWS starts, not a caller: what goes wrong makes the invocation fail, and is seen so. */
public abstract class EventHandler implements RequestStreamHandler {
  private static final Duration FOR_ANSWER = Duration.ofSeconds(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Handles an event; the answer is for whoever invokes the function by hand. */
  protected abstract JsonNode handle(JsonNode event, Deadline deadline);

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    JsonNode event = JSON.readTree(input);
    var left = Duration.ofMillis(context.getRemainingTimeInMillis()).minus(FOR_ANSWER);
    // An authorizer's request carries the id that the function behind it will log as well.
    String requestId = event.path("requestContext").path("requestId").asText(context.getAwsRequestId());
    byte[] answer = inRequest(event, Deadline.in(left), requestId);
    output.write(answer);
  }

  private byte[] inRequest(JsonNode event, Deadline deadline, String requestId) {
    try {
      return Journal.withRequestId(requestId,
          () -> deadline.invoke(() -> JSON.writeValueAsBytes(handle(event, deadline))));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the answer is a JSON tree", e);
    }
  }
}
