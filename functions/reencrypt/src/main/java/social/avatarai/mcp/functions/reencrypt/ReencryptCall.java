package social.avatarai.mcp.functions.reencrypt;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.vault.Reencryption;

/**
 * The part of the data that one invocation works through.
 *
 * @param area the table
 * @param cursor where the invocation before it ended; null for the start of the table
 */
record ReencryptCall(Reencryption.Area area, @Nullable String cursor) {

  static ReencryptCall parse(JsonNode event) {
    var area = switch (event.path("table").asText("")) {
      case "tokens" -> Reencryption.Area.TOKENS;
      case "servers" -> Reencryption.Area.SERVERS;
      case "registrations" -> Reencryption.Area.REGISTRATIONS;
      default -> throw malformed("The event must name a table: tokens, servers or registrations.");
    };
    var cursor = event.path("cursor");
    if (cursor.isMissingNode() || cursor.isNull()) return new ReencryptCall(area, null);
    if (!cursor.isTextual()) throw malformed("The cursor must be a text, or null.");
    return new ReencryptCall(area, cursor.textValue());
  }

  private static Failure malformed(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
