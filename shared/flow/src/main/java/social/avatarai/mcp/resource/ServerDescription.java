package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.http.Json;

/** A server's description of itself, under the same names in every protocol. Pure. */
final class ServerDescription {

  private ServerDescription() {}

  /**
   * The names are those of the guide: {@code version} is the negotiated version, and {@code serverInfo} is the server's
   * name for itself, which MCP 2026-07-28 has in {@code _meta}.
   *
   * @param result the result of the agreement, attacker-controlled
   */
  static JsonNode of(JsonNode result, NegotiatedProtocol agreed) {
    if (!result.isObject()) return result;
    var description = Json.newObject().put("version", agreed.protocolVersion());
    JsonNode serverInfo = result.path("_meta").path("io.modelcontextprotocol/serverInfo");
    if (serverInfo.isObject()) description.set("serverInfo", serverInfo);
    result.properties().stream().filter(member -> !member.getKey().equals("protocolVersion"))
        .forEach(member -> description.set(member.getKey(), member.getValue()));
    return description;
  }
}
