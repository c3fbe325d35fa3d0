package social.avatarai.mcp.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import social.avatarai.mcp.http.Json;

/**
 * An event as a webhook sends it. Each try sends the same id and the same body.
 *
 * @param id the event's id
 * @param body {@code type}, {@code timestamp} and {@code data} (Standard Webhooks 1.0, "Payload structure")
 */
public record WebhookMessage(String id, ObjectNode body) {

  /** The message for an event as EventBridge delivers it; empty if it is not one of our events. */
  public static Optional<WebhookMessage> of(JsonNode event) {
    var data = event.path("detail");
    var type = Json.text(event, "detail-type");
    var id = Json.text(data, "id");
    var time = Json.text(data, "time");
    if (type.isEmpty() || id.isEmpty() || time.isEmpty()) return Optional.empty();
    var body = Json.newObject().put("type", type.get()).put("timestamp", time.get());
    body.set("data", data);
    return Optional.of(new WebhookMessage(id.get(), body));
  }
}
