package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.registration.Owner;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A built-in server and what is noted about it for one user, as items.
 *
 * @param server the item in the deployment's partition
 * @param notes the item in the user's partition; null if there is none
 */
record BuiltInRows(Optional<Map<String, AttributeValue>> server, @Nullable Map<String, AttributeValue> notes) {
  static final String PARTITION = Owner.deployment().key();

  static Map<String, AttributeValue> key(ConnectionId id) {
    return Values.key(PARTITION, id.value());
  }

  /** The keys of both items. */
  static List<Map<String, AttributeValue>> keys(ConnectionKey key) {
    return List.of(key(key.connection()), BuiltInNotes.key(key));
  }

  /** Those of the two items that were found, in no particular order. */
  static BuiltInRows of(List<Map<String, AttributeValue>> items) {
    return new BuiltInRows(items.stream().filter(BuiltInRows::isBuiltIn).findFirst(),
        items.stream().filter(item -> !isBuiltIn(item)).findFirst().orElse(null));
  }

  /** Whether an item is a built-in server. */
  static boolean isBuiltIn(Map<String, AttributeValue> item) {
    return PARTITION.equals(item.getOrDefault(Tables.PARTITION, text("")).s());
  }
}
