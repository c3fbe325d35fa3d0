package social.avatarai.mcp.aws.eventbridge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.aws.AwsJsonService;
import social.avatarai.mcp.aws.AwsJsonService.Protocol;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.event.GrantEvent;
import social.avatarai.mcp.http.Json;

/** An event bus in EventBridge. */
public final class EventBridgeBus implements EventBus {
  public static final Protocol PROTOCOL = new Protocol("events", "AWSEvents", "application/x-amz-json-1.1");
  /** The source of our events, by which rules find them. */
  public static final String SOURCE = "mcp-oauth-client";

  private final AwsJsonService service;
  private final String name;

  /** @param name the name of the bus */
  public EventBridgeBus(AwsJsonService service, String name) {
    this.service = service;
    this.name = name;
  }

  /** One event a call, so that the events of a connection leave in their order. */
  @Override
  public void publish(GrantEvent event) {
    var input = Json.newObject();
    input.putArray("Entries").add(entry(event).put("EventBusName", name));
    var output = service.call("PutEvents", input);
    // A 200 does not say that the event was taken.
    if (output.path("FailedEntryCount").asInt(1) == 0) return;
    throw new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "An event was not taken.",
        "PutEvents: " + output.at("/Entries/0/ErrorCode").asText("no count of failed entries"), true);
  }

  private static ObjectNode entry(GrantEvent event) {
    return Json.newObject().put("Source", SOURCE).put("DetailType", event.type().wireName())
        .put("Detail", JsonText.of(event.data())).put("Time", event.time().getEpochSecond());
  }

  /** The event as a rule's target gets it. */
  public static ObjectNode delivered(GrantEvent event) {
    var delivered = Json.newObject().put("source", SOURCE).put("detail-type", event.type().wireName())
        .put("time", event.time().toString());
    delivered.set("detail", event.data());
    return delivered;
  }
}
