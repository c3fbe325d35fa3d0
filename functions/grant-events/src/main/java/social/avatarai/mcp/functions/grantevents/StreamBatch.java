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
 * that no later change of its connection overtakes it: Lambda delivers the batch again from that record on.
 *
 * <p>Lambda splits a batch at the record that is named, so naming the first record of a batch splits nothing, and all
 * records behind it would share its tries and its end. A batch of several whose first record fails therefore ends in a
 * failure of the invocation: Lambda halves such a batch, and halving costs no try. In the end the record is alone. Then
 * it is named, and after its last try Lambda puts its place into the queue of failures, without the place of any other
 * record.
 */
final class StreamBatch {
  /** The time left, at least, for publishing an event. Without it the rest is left for the next delivery. */
  private static final Duration MIN_FOR_EVENT = Duration.ofSeconds(4);

  private final EventBus bus;
  private final boolean withRefreshes;
  private final Journal journal;

  StreamBatch(EventBus bus, boolean withRefreshes, Journal journal) {
    this.bus = bus;
    this.withRefreshes = withRefreshes;
    this.journal = journal;
  }

  /**
   * The result that Lambda reads: the record from which on the batch has to be delivered again, or none. Fails where
   * the batch has to be halved.
   */
  JsonNode publish(JsonNode records, Deadline deadline) {
    var result = Json.newObject();
    var failures = result.putArray("batchItemFailures");
    for (int i = 0; i < records.size(); i++) {
      var number = GrantStream.sequence(records.get(i));
      if (deadline.hasAtLeast(MIN_FOR_EVENT)) {
        var failure = publishOrNote(records.get(i));
        if (failure.isEmpty()) continue;
        if (records.size() > 1 && (i == 0 || number.isEmpty())) throw failure.get();
      }
      // Without a number Lambda delivers the whole batch again.
      failures.addObject().put("itemIdentifier", number.orElse(""));
      break;
    }
    return result;
  }

  private Optional<Failure> publishOrNote(JsonNode record) {
    try {
      event(record).ifPresent(this::publish);
      return Optional.empty();
    } catch (Failure failure) {
      journal.write("event_failed", Map.of("error", failure.code().wireName(), "detail", failure.detail(), "sequence",
          GrantStream.sequence(record).orElse("none")));
      return Optional.of(failure);
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
