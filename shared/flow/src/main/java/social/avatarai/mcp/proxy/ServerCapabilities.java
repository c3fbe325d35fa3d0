package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import social.avatarai.mcp.http.Json;

/**
 * The server's capabilities as a client of ours sees them: without those that need a stream which outlives a response.
 * Pure.
 */
final class ServerCapabilities {
  private static final List<String> OF_STREAMS = List.of("listChanged", "subscribe");

  private ServerCapabilities() {}

  /** @param description the server's description of itself, attacker-controlled */
  static ObjectNode of(JsonNode description) {
    if (!(description.path("capabilities") instanceof ObjectNode said)) return Json.newObject();
    var capabilities = said.deepCopy();
    for (JsonNode capability : capabilities)
      if (capability instanceof ObjectNode object) object.remove(OF_STREAMS);
    return capabilities;
  }
}
