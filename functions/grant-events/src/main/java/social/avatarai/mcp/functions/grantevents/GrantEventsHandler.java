package social.avatarai.mcp.functions.grantevents;

import com.fasterxml.jackson.databind.JsonNode;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.lambda.EventHandler;
import social.avatarai.mcp.lambda.Platform;

/**
 * The stream of the tokens table invokes it with batches of changes. It publishes the events that they are. It has no
 * right to the key ring: what is sealed in a record stays sealed.
 */
public final class GrantEventsHandler extends EventHandler {
  private final StreamBatch batch;

  public GrantEventsHandler() {
    this(Platform.present());
  }

  private GrantEventsHandler(Platform platform) {
    this(platform, platform.journal());
  }

  GrantEventsHandler(Platform platform, Journal journal) {
    super(journal);
    var settings = GrantEventsSettings.read(platform.environment());
    this.batch = new StreamBatch(platform.eventBus(settings.bus()), settings.withRefreshes(), journal);
  }

  @Override
  protected JsonNode handle(JsonNode event, Deadline deadline) {
    return batch.publish(event.path("Records"), deadline);
  }
}
