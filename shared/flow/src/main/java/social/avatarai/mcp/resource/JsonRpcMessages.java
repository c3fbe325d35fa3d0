package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.HttpResponse;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.SalvagedJson;

/**
 * The JSON-RPC messages of a body, or of one event. There may be several in an array: MCP 2025-03-26 requires that a
 * client reads batches, and nothing is lost by reading them in every version. Pure.
 *
 * @param all the messages, in order
 * @param fault why the text cannot be read, although it may be a response; null where that is not so
 */
record JsonRpcMessages(List<ObjectNode> all, @Nullable Failure fault) {
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,19}");

  static JsonRpcMessages of(HttpResponse response) {
    return of(response.salvaged());
  }

  static JsonRpcMessages ofEvent(String data) {
    return of(Json.salvaged(data));
  }

  private static JsonRpcMessages of(SalvagedJson json) {
    return switch (json) {
      case SalvagedJson.Value(ObjectNode message, _) -> new JsonRpcMessages(List.of(message), null);
      case SalvagedJson.Value(var value, _) -> ofBatch(value.valueStream()
          .filter(ObjectNode.class::isInstance).map(ObjectNode.class::cast).toList());
      case SalvagedJson.TooDeep _ -> new JsonRpcMessages(List.of(), McpFailures.tooDeep());
      case SalvagedJson.Ambiguous _ ->
        new JsonRpcMessages(List.of(), McpFailures.outcomeUnknown("two values for one name"));
      case SalvagedJson.NoJson _ -> new JsonRpcMessages(List.of(), null);
    };
  }

  /** Two responses to one request are two values for one name: which of them counts is unknown. */
  private static JsonRpcMessages ofBatch(List<ObjectNode> all) {
    var responses = new HashMap<Object, ObjectNode>();
    for (var message : all) {
      var earlier = message.hasNonNull("id") && !message.has("method") ? responses.put(id(message), message) : null;
      if (earlier != null && !isSame(earlier, message)) {
        return new JsonRpcMessages(List.of(), McpFailures.outcomeUnknown("two responses to one request"));
      }
    }
    return new JsonRpcMessages(all, null);
  }

  private static Object id(ObjectNode message) {
    var id = message.path("id");
    if (id.isNumber()) return id.decimalValue().stripTrailingZeros();
    String text = id.asText();
    return NUMBER.matcher(text).matches() ? new BigDecimal(text).stripTrailingZeros() : text;
  }

  private static boolean isSame(ObjectNode one, ObjectNode other) {
    return one.path("result").equals(other.path("result")) && one.path("error").equals(other.path("error"));
  }

  /** The response to the request with this id. */
  Optional<ObjectNode> response(long id) {
    return all.stream().filter(message -> isResponse(message, id)).findFirst();
  }

  /** An error that names no request: the server refused the request before it read the id. */
  Optional<ObjectNode> errorWithoutId() {
    return all.stream().filter(JsonRpcMessages::isErrorWithoutId).findFirst();
  }

  static boolean isErrorWithoutId(ObjectNode message) {
    return !message.hasNonNull("id") && !message.has("method") && message.path("error").isObject();
  }

  /** Servers write the id as they hold it: as a number, as a number with a fraction of zero, or as a string. */
  static boolean isResponse(ObjectNode message, long id) {
    if (message.has("method")) return false;
    var theirs = message.path("id");
    return theirs.isNumber()
        ? theirs.decimalValue().compareTo(BigDecimal.valueOf(id)) == 0
        : Long.toString(id).equals(theirs.textValue());
  }
}
