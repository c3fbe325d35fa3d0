package social.avatarai.mcp.functions.grantevents;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.aws.dynamodb.GrantStream;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.event.GrantChange;
import social.avatarai.mcp.event.GrantEvent;
import social.avatarai.mcp.http.Json;

/**
 * Publishes the events of a batch of stream records, in their order. The first record that fails ends the batch, so
 * that no later change of its connection overtakes it: Lambda delivers the batch again from that record on, a bounded
 * number of times, and then puts the place of that record into the queue of failures.
 */
final class StreamBatch {
  /** The least time in which an event is published. Without it the rest of a batch is left for the next delivery. */
  private static final Duration TIME_OF_AN_EVENT = Duration.ofSeconds(4);

  private final EventBus bus;
  private final boolean withRefreshes;
  private final Journal journal;

  StreamBatch(EventBus bus, boolean withRefreshes, Journal journal) {
    this.bus = bus;
    this.withRefreshes = withRefreshes;
    this.journal = journal;
  }

  /** The result that Lambda reads: the record from which on the batch has to be delivered again, or none. */
  JsonNode publish(JsonNode records, Deadline deadline) {
    var result = Json.newObject();
    var failures = result.putArray("batchItemFailures");
    for (JsonNode record : records) {
      if (deadline.hasAtLeast(TIME_OF_AN_EVENT) && isPublished(record)) continue;
      // Without a number Lambda delivers the whole batch again.
      failures.addObject().put("itemIdentifier", GrantStream.sequence(record).orElse(""));
      break;
    }
    return result;
  }

  private boolean isPublished(JsonNode record) {
    try {
      event(record).ifPresent(this::publish);
      return true;
    } catch (Failure failure) {
      journal.write("event_failed", Map.of("error", failure.code().wireName(), "detail", failure.detail(), "sequence",
          GrantStream.sequence(record).orElse("none")));
      return false;
    }
  }

  private Optional<GrantEvent> event(JsonNode record) {
    return GrantStream.change(record).flatMap(GrantChange::event)
        .filter(event -> withRefreshes || event.type() != GrantEvent.Type.REFRESHED);
  }

  private void publish(GrantEvent event) {
    bus.publish(event);
    journal.write("event_published", Map.of("type", event.type().wireName(), "id", event.id()));
  }
}
