package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
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
    return Json.value(body).map(MessageReader::message)
        .orElseGet(() -> new Refused(RpcFault.unreadable(Json.fault(body)), null));
  }

  /** The id of a message; empty where it has none that can be sent back. */
  static Optional<JsonNode> id(JsonNode message) {
    var id = message.path("id");
    boolean isGood = (id.isTextual() || id.isIntegralNumber()) && id.asText().length() <= MAX_ID_LENGTH;
    return isGood ? Optional.of(id) : Optional.empty();
  }
}
