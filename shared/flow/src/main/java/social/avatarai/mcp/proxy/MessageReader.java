package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.proxy.ClientMessage.Notification;
import social.avatarai.mcp.proxy.ClientMessage.Refused;
import social.avatarai.mcp.proxy.ClientMessage.Request;

/** Reads one JSON-RPC message of a client. Pure. */
final class MessageReader {
  /** A method goes into a header of the request to the server. */
  private static final Pattern METHOD = Pattern.compile("[A-Za-z0-9_./$-]{1," + ClientMessage.MAX_METHOD_LENGTH + "}");
  private static final String NOTIFICATION = "notifications/";

  private MessageReader() {}

  static ClientMessage message(JsonNode value) {
    if (value.isArray()) {
      return refused("Batches are not supported: send each message in a POST of its own.", null);
    }
    if (!(value instanceof ObjectNode message)) return refused("The body is not a JSON object.", null);
    var id = ClientMessage.id(message).orElse(null);
    if (!"2.0".equals(message.path("jsonrpc").textValue())) {
      return refused("The member jsonrpc must be \"2.0\".", id);
    }
    if (!message.has("method")) return withoutMethod(message, id);
    String method = message.path("method").textValue();
    if (method == null || !METHOD.matcher(method).matches()) {
      return refused(
          "The member method must be a method of at most " + ClientMessage.MAX_METHOD_LENGTH + " characters.", id);
    }
    return message.has("id") ? request(message, method, id) : notification(method);
  }

  private static ClientMessage withoutMethod(ObjectNode message, @Nullable JsonNode id) {
    return message.has("result") || message.has("error")
        ? refused("This endpoint sends no requests to clients, so it takes no responses.", null)
        : refused("The member method is missing.", id);
  }

  private static ClientMessage notification(String method) {
    return method.startsWith(NOTIFICATION)
        ? new Notification(method)
        : refused("A request needs an id; only notifications have none.", null);
  }

  private static ClientMessage request(ObjectNode message, String method, @Nullable JsonNode id) {
    // MCP, basic: "Requests MUST include a string or integer ID", and the id must not be null.
    if (id == null) {
      return refused(
          "The member id must be a text or an integer, of at most " + ClientMessage.MAX_ID_LENGTH + " characters.",
          null);
    }
    if (method.startsWith(NOTIFICATION)) return refused("A notification must not have an id.", id);
    return switch (message.path("params")) {
      case ObjectNode params -> new Request(id, method, params);
      case JsonNode none when none.isMissingNode() || none.isNull() -> new Request(id, method, null);
      default -> new Refused(RpcFault.invalidParams("The member params must be a JSON object."), id);
    };
  }

  private static ClientMessage refused(String why, @Nullable JsonNode id) {
    return new Refused(RpcFault.invalid(why), id);
  }
}
