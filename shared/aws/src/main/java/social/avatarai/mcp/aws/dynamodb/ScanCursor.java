package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.http.Json;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The key that a scan has reached, as a text for the caller that continues it: base64url of a JSON object with both
 * parts of the key.
 */
final class ScanCursor {
  /** DynamoDB's limits for the two parts of a key. */
  private static final int MAX_PARTITION_BYTES = 2048;
  private static final int MAX_SORT_BYTES = 1024;

  private ScanCursor() {}

  static String of(Map<String, AttributeValue> item) {
    var key = Json.newObject();
    for (String part : new String[]{Tables.PARTITION, Tables.SORT})
      key.put(part, item.getOrDefault(part, Values.text("")).s());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(JsonText.bytes(key));
  }

  /** The key from the text. {@code Failure.BadRequest} when the text is not a cursor of ours. */
  static Map<String, AttributeValue> parse(String cursor) {
    return key(cursor).orElseThrow(
        () -> new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
            "The cursor is none that an earlier run gave, with keys of at most " + MAX_PARTITION_BYTES + " and "
                + MAX_SORT_BYTES + " bytes."));
  }

  private static Optional<Map<String, AttributeValue>> key(String cursor) {
    try {
      return Json.object(Base64.getUrlDecoder().decode(cursor)).filter(key -> key.size() == 2)
          .flatMap(key -> Json.text(key, Tables.PARTITION).filter(part -> fits(part, MAX_PARTITION_BYTES))
              .flatMap(partition -> Json.text(key, Tables.SORT).filter(part -> fits(part, MAX_SORT_BYTES))
                  .map(sort -> Values.key(partition, sort))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean fits(String part, int mostBytes) {
    return !part.isEmpty() && part.getBytes(UTF_8).length <= mostBytes;
  }
}
