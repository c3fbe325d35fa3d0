package social.avatarai.mcp.functions.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.event.Webhook;
import social.avatarai.mcp.event.WebhookSecrets;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.lambda.EventHandler;
import social.avatarai.mcp.lambda.Platform;
import social.avatarai.mcp.lambda.Settings;

/** The queue of the webhook invokes it with events. It sends each to the app's URL. */
public final class WebhookHandler extends EventHandler {
  private final QueueBatch batch;

  public WebhookHandler() {
    this(Platform.present());
  }

  private WebhookHandler(Platform platform) {
    this(platform, platform.journal());
  }

  WebhookHandler(Platform platform, Journal journal) {
    super(journal);
    var settings = WebhookSettings.read(platform.environment());
    var common = Settings.read(platform.environment(), Profiles.load());
    var door = new OutboundDoor(platform.addressPolicy().without(common.forbiddenNetworks()));
    var secrets = new WebhookSecrets(platform.vault(common), settings.secret(), platform.clock(), journal);
    this.batch = new QueueBatch(new Webhook(door, settings.url(), secrets, platform.clock()),
        platform.deliveryQueue(settings.queue()), journal);
  }

  @Override
  protected JsonNode handle(JsonNode event, Deadline deadline) {
    return batch.send(event.path("Records"), deadline);
  }
}
