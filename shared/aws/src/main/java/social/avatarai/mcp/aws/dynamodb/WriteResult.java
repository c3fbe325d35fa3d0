package social.avatarai.mcp.aws.dynamodb;

import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * What became of a conditional write.
 *
 * @param applied whether the condition held
 * @param before the item as it was before; empty when there was none
 */
record WriteResult(boolean applied, Map<String, AttributeValue> before) {

  /**
   * The attribute in which a write that may happen only once leaves its own random mark. The SDK sends a write again when its
   * response got lost, and so may the caller; the second try then fails on what the first one did, and finds this mark.
   */
  static final String ATTEMPT = "attempt";

  /** Whether the write was done, now or by a try whose answer got lost. */
  boolean isDoneBy(String attempt) {
    return applied || isLeftBy(attempt);
  }

  /** Whether what stood in the way was our own earlier try. */
  boolean isLeftBy(String attempt) {
    return text(ATTEMPT).filter(attempt::equals).isPresent();
  }

  Optional<String> text(String attribute) {
    return Optional.ofNullable(before.get(attribute)).map(AttributeValue::s);
  }
}
