package social.avatarai.mcp.functions.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.Webhook;
import social.avatarai.mcp.event.WebhookMessage;
import social.avatarai.mcp.http.Json;

/**
 * Sends the messages of a batch. One that fails does not keep the others: it is hidden for a pause that grows with its
 * tries, and the queue puts it aside after the last try.
 */
final class QueueBatch {
  /** The pause of a message for which this invocation had no time. It has used up one of its tries nevertheless. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private final Webhook webhook;
  private final DeliveryQueue queue;
  private final Journal journal;

  QueueBatch(Webhook webhook, DeliveryQueue queue, Journal journal) {
    this.webhook = webhook;
    this.queue = queue;
    this.journal = journal;
  }

  /** The result that Lambda reads: the messages that stay in the queue. */
  JsonNode send(JsonNode records, Deadline deadline) {
    var result = Json.newObject();
    var failures = result.putArray("batchItemFailures");
    for (JsonNode record : records) {
      if (sendOrHide(record, deadline)) continue;
      failures.addObject().put("itemIdentifier", record.path("messageId").asText(""));
    }
    return result;
  }

  private boolean sendOrHide(JsonNode record, Deadline deadline) {
    if (!deadline.hasAtLeast(Webhook.MAX_TRY_TIME)) {
      hide(record, SOON);
      return false;
    }
    int tries = record.at("/attributes/ApproximateReceiveCount").asInt(1);
    String id = "none";
    try {
      var message = message(record);
      id = message.id();
      webhook.send(message, deadline);
      journal.write("webhook_sent", Map.of("id", id, "tries", tries));
      return true;
    } catch (Failure failure) {
      journal.write("webhook_failed",
          Map.of("id", id, "tries", tries, "error", failure.code().wireName(), "detail", failure.detail()));
      hide(record, Webhook.pauseAfter(tries));
      return false;
    }
  }

  /** A message that cannot be hidden is not lost: the queue delivers it again after its own time. */
  private void hide(JsonNode record, Duration pause) {
    try {
      queue.hide(record.path("receiptHandle").asText(""), pause);
    } catch (Failure failure) {
      journal.write("webhook_pause_failed", Map.of("error", failure.code().wireName(), "detail", failure.detail()));
    }
  }

  private static WebhookMessage message(JsonNode record) {
    return Json.object(record.path("body").asText("").getBytes(UTF_8)).flatMap(WebhookMessage::of)
        .orElseThrow(() -> new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "The message is no event of ours."));
  }
}
