package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.discovery.Challenge;

/** What an MCP server answered to one request. */
sealed interface McpAnswer {

  /** A result, and the wire it came over. */
  record Result(JsonNode result, McpWire wire) implements McpAnswer {}

  /** A JSON-RPC error, and the wire it came over; null where it refuses the handshake. */
  record RpcError(JsonNode error, @Nullable McpWire wire) implements McpAnswer {}

  /** 401. */
  record Unauthorized(Optional<Challenge> challenge) implements McpAnswer {}

  /** 403; {@code insufficient_scope} where the challenge says so. */
  record Forbidden(Optional<Challenge> challenge) implements McpAnswer {}

  /** 404 or 400: where a session was sent, it is gone. */
  record SessionGone(int status) implements McpAnswer {}
}
