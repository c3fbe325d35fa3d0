package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.testkit.FixedClock;

class EventHandlerTest {
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Journal journal = new Journal(new PrintStream(log, true, UTF_8), FixedClock.started());

  private Throwable ended(RuntimeException fault) {
    return catchThrowable(() -> Replay.invoke(new EventHandler(journal) {
      @Override
      protected JsonNode handle(JsonNode event, Deadline deadline) {
        throw fault;
      }
    }, Json.newObject().toString()));
  }

  /** What Lambda's runtime prints of an exception that ends an invocation. */
  private static String printed(Throwable ended) {
    var text = new StringWriter();
    ended.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** The bug: the runtime printed the exception that ended a scheduled function, with its message and its causes. */
  @Test
  void exceptionThatEndsAnInvocationIsPrintedWithoutItsText() {
    var fault = new IllegalStateException("no item for rt-secret", new IllegalArgumentException("rt-secret"));
    fault.addSuppressed(new IllegalArgumentException("rt-secret"));

    var ended = ended(fault);

    assertThat(ended).isInstanceOf(Failure.Internal.class);
    assertThat(printed(ended)).doesNotContain("rt-secret", "no item", "Caused by");
    assertThat(log.toString(UTF_8)).contains("\"event\":\"invocation_failed\"", "\"request_id\":\"test-request\"",
        "\"error\":\"internal_error\"", "java.lang.IllegalStateException at ", "EventHandlerTest.java")
        .doesNotContain("rt-secret", "no item");
  }

  @Test
  void failureEndsTheInvocationWithOurOwnTextAndItsDetailIsOnlyInTheLog() {
    var failure = new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA, "The metadata is wrong.", "foreign text");

    assertThat(ended(failure)).isSameAs(failure);

    assertThat(printed(failure)).contains("The metadata is wrong.").doesNotContain("foreign text");
    assertThat(log.toString(UTF_8)).contains("\"error\":\"invalid_metadata\"", "\"detail\":\"foreign text\"");
  }
}
