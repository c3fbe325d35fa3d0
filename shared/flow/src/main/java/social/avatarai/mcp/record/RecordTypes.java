package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Scopes;

/**
 * The types of the members that every record has and that this service keeps as they are. Apps read them back, so a
 * wrong type is an error now and not when it is read. Members that this service does not know may be of any type.
 */
final class RecordTypes {
  /** In characters. The scopes become part of a URL, which gateways limit. */
  private static final int MAX_SCOPES_LENGTH = 4096;
  /** In characters. Lists and pages show an alias beside others. */
  static final int MAX_ALIAS_LENGTH = 100;
  private static final List<String> TEXTS = List.of("name", "description", "about", "icon", "schemaKind", "version",
      "protocolVersion", "instructions", "author", "status");
  private static final List<String> NUMBERS = List.of("createdAt", "lastSyncResourcesAt");

  private RecordTypes() {}

  static void require(RecordFields record) {
    TEXTS.forEach(record::text);
    NUMBERS.forEach(record::requireNumber);
    record.text("alias", MAX_ALIAS_LENGTH);
    record.object("capabilities");
    record.object("authorization").text("status");
    JsonNode schema = record.object().path("schema");
    if (record.isSaid("schema") && !schema.isTextual() && !(schema instanceof ObjectNode)) {
      throw record.bad("schema", "must be a text or an object");
    }
  }

  /** {@code authorization.scopes}; none if the record does not say. */
  static Scopes scopes(RecordFields authorization) {
    String text = authorization.text("scopes", MAX_SCOPES_LENGTH).orElse("");
    return authorization.value("scopes", ErrorCode.INVALID_REQUEST, () -> Scopes.parse(text));
  }
}
