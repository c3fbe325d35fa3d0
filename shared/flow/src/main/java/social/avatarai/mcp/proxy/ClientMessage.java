package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;

/** One JSON-RPC message of a client. Batches and responses are refused: this endpoint asks its clients nothing. */
public sealed interface ClientMessage {
  /** A request id is sent back, so it must not fill the response. */
  int MAX_ID_LENGTH = 1024;
  int MAX_METHOD_LENGTH = 128;

  /**
   * A request.
   *
   * @param id a text or an integer, which goes back as it is
   * @param method the method
   * @param params the parameters; null for none
   */
  record Request(JsonNode id, String method, @Nullable ObjectNode params) implements ClientMessage {

    JsonNode param(String name) {
      return (params == null ? Json.newObject() : params).path(name);
    }

    JsonNode meta(String name) {
      return param("_meta").path(name);
    }
  }

  /** A notification, which has no response. */
  record Notification(String method) implements ClientMessage {}

  /**
   * No message that this endpoint takes.
   *
   * @param id the id of the request; null where there is none that can be sent back
   */
  record Refused(RpcFault fault, @Nullable JsonNode id) implements ClientMessage {}

  /** Reads the body of a POST. */
  static ClientMessage of(byte[] body) {
    return Json.value(body).map(Reader::message)
        .orElseGet(() -> new Refused(RpcFault.unreadable(Json.fault(body)), null));
  }

  /** The id of a message; empty where it has none that can be sent back. */
  static Optional<JsonNode> id(JsonNode message) {
    var id = message.path("id");
    boolean isGood = (id.isTextual() || id.isIntegralNumber()) && id.asText().length() <= MAX_ID_LENGTH;
    return isGood ? Optional.of(id) : Optional.empty();
  }

  /** Reads a message. Pure. */
  final class Reader {
    /** A method goes into a header of the request to the server. */
    private static final Pattern METHOD = Pattern.compile("[A-Za-z0-9_./$-]{1," + MAX_METHOD_LENGTH + "}");
    private static final String NOTIFICATION = "notifications/";

    private Reader() {}

    private static ClientMessage message(JsonNode value) {
      if (value.isArray()) {
        return refused("Batches are not supported: send each message in a POST of its own.", null);
      }
      if (!(value instanceof ObjectNode message)) return refused("The body is not a JSON object.", null);
      var id = id(message).orElse(null);
      if (!"2.0".equals(message.path("jsonrpc").textValue())) {
        return refused("The member jsonrpc must be \"2.0\".", id);
      }
      if (!message.has("method")) return withoutMethod(message, id);
      String method = message.path("method").textValue();
      if (method == null || !METHOD.matcher(method).matches()) {
        return refused("The member method must be a method of at most " + MAX_METHOD_LENGTH + " characters.", id);
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
        return refused("The member id must be a text or an integer, of at most " + MAX_ID_LENGTH + " characters.",
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
}
