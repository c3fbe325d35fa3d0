package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.http.Json;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.Record;

/** Records of a stream as Lambda hands them to a function, with whole images. */
final class StreamRecords {
  private StreamRecords() {}

  /** @param stream the ARN of the stream */
  static ObjectNode event(String stream, List<Record> records) {
    var event = Json.newObject();
    var list = event.putArray("Records");
    records.forEach(record -> list.add(json(record).put("eventSourceARN", stream)));
    return event;
  }

  private static ObjectNode json(Record record) {
    var json = Json.newObject().put("eventID", record.eventID()).put("eventName", record.eventNameAsString())
        .put("eventSource", "aws:dynamodb");
    var change = record.dynamodb();
    var body = json.putObject("dynamodb").put("SequenceNumber", change.sequenceNumber())
        .put("ApproximateCreationDateTime", change.approximateCreationDateTime().getEpochSecond());
    body.set("Keys", json(change.keys()));
    if (change.hasOldImage()) body.set("OldImage", json(change.oldImage()));
    if (change.hasNewImage()) body.set("NewImage", json(change.newImage()));
    return json;
  }

  private static ObjectNode json(Map<String, AttributeValue> item) {
    var json = Json.newObject();
    item.forEach((name, value) -> json.set(name, json(value)));
    return json;
  }

  private static JsonNode json(AttributeValue value) {
    var json = Json.newObject();
    return switch (value.type()) {
      case S -> json.put("S", value.s());
      case N -> json.put("N", value.n());
      case BOOL -> json.put("BOOL", value.bool());
      case B -> json.put("B", Base64.getEncoder().encodeToString(value.b().asByteArray()));
      case M -> json.set("M", json(value.m()));
      case L -> {
        var list = JsonNodeFactory.instance.arrayNode();
        value.l().forEach(element -> list.add(json(element)));
        yield json.set("L", list);
      }
      // No table of ours has a set.
      default -> json.put("NULL", true);
    };
  }
}
