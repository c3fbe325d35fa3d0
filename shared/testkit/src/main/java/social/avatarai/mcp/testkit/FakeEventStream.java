package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.McpServerKnobs.StreamFeature;

/** A response as a stream of server-sent events, with the other content that such a stream may have. */
final class FakeEventStream {
  private final Set<StreamFeature> features;
  private final StringBuilder text = new StringBuilder();
  private int ids;

  private FakeEventStream(Set<StreamFeature> features) {
    this.features = features;
  }

  static Response of(ObjectNode response, Set<StreamFeature> features) {
    var stream = new FakeEventStream(features);
    stream.write(response);
    return Response.of(200).body("text/event-stream", stream.text.toString()).with("Cache-Control", "no-cache");
  }

  /** The response in a JSON array, with a log message before it. */
  static ArrayNode batch(ObjectNode response) {
    var batch = JsonNodeFactory.instance.arrayNode().add(logMessage());
    return batch.add(response);
  }

  private void write(ObjectNode response) {
    if (has(StreamFeature.BYTE_ORDER_MARK)) text.append('\ufeff');
    if (has(StreamFeature.COMMENTS)) text.append(": an event stream\n\n");
    if (has(StreamFeature.IDS)) text.append("id: ").append(ids++).append("\ndata:\n\n");
    for (var message : leading())
      event(message);
    if (has(StreamFeature.COMMENTS)) text.append(":\n");
    event(has(StreamFeature.BATCH) ? batch(response) : response);
    if (has(StreamFeature.NO_BLANK_LINE)) text.setLength(text.length() - 1);
  }

  private List<ObjectNode> leading() {
    var messages = new ArrayList<ObjectNode>();
    if (has(StreamFeature.NOTIFICATIONS)) {
      messages.add(logMessage());
      messages.add(notification("notifications/progress", Json.newObject().put("progressToken", 1).put("progress", 1)));
    }
    if (has(StreamFeature.PING)) {
      messages.add(Json.newObject().put("jsonrpc", "2.0").put("id", "server-1").put("method", "ping"));
    }
    return messages;
  }

  private static ObjectNode logMessage() {
    return notification("notifications/message", Json.newObject().put("level", "info").put("data", "working"));
  }

  private static ObjectNode notification(String method, ObjectNode params) {
    var message = Json.newObject().put("jsonrpc", "2.0").put("method", method);
    message.set("params", params);
    return message;
  }

  private void event(JsonNode message) {
    text.append("event: message\n");
    if (has(StreamFeature.IDS)) text.append("id: ").append(ids++).append('\n');
    String json = has(StreamFeature.MULTI_LINE_DATA) ? message.toPrettyString() : message.toString();
    json.lines().forEach(line -> text.append("data: ").append(line).append('\n'));
    text.append('\n');
  }

  private boolean has(StreamFeature feature) {
    return features.contains(feature);
  }
}
