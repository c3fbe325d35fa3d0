package social.avatarai.mcp.lambda;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;

/**
 * A function that an event of AWS starts, not a caller. A failure makes the invocation fail, so that AWS counts it.
 *
 * <p>Lambda prints the exception that ends an invocation, with its causes, so only a {@link Failure} ends one: its message
 * is our own text. Any other exception may hold foreign text or a secret.
 */
public abstract class EventHandler implements RequestStreamHandler {
  private static final Duration RESPONSE_RESERVE = Duration.ofSeconds(3);

  private final Journal journal;

  protected EventHandler(Journal journal) {
    this.journal = journal;
  }

  /** Handles an event. The result is for Lambda's event source, or for a person who invokes the function by hand. */
  protected abstract JsonNode handle(JsonNode event, Deadline deadline);

  @Override
  public final void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    JsonNode event = Json.ofAws(input);
    var left = Duration.ofMillis(context.getRemainingTimeInMillis()).minus(RESPONSE_RESERVE);
    // The request of an authorizer carries the id that the function behind it logs too.
    String requestId = event.path("requestContext").path("requestId").asText(context.getAwsRequestId());
    byte[] result = inRequest(event, Deadline.in(left), requestId);
    output.write(result);
  }

  private byte[] inRequest(JsonNode event, Deadline deadline, String requestId) {
    try {
      return Journal.withRequestId(requestId,
          () -> deadline.invoke(() -> JsonText.bytes(handled(event, deadline))));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the result is a JSON tree", e);
    }
  }

  private JsonNode handled(JsonNode event, Deadline deadline) {
    try {
      return handle(event, deadline);
    } catch (Failure failure) {
      throw noted(failure);
    } catch (RuntimeException e) {
      throw noted(Failure.Internal.of(e));
    }
  }

  private Failure noted(Failure failure) {
    journal.write("invocation_failed", Map.of("error", failure.code().wireName(), "detail", failure.detail()));
    return failure;
  }
}
