package social.avatarai.mcp.aws.dynamodb;

import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The result of a conditional write.
 *
 * @param applied whether the condition held
 * @param before the item before the write; empty when there was none
 */
record WriteResult(boolean applied, Map<String, AttributeValue> before) {

  /**
   * The attribute that holds the random mark of a write that may happen only once. When a response is lost, the SDK
   * sends the write again, and the caller may too. The second try then fails because of the first one, and finds this
   * mark.
   */
  static final String ATTEMPT = "attempt";

  /** Whether the write happened, now or in an earlier try whose response was lost. */
  boolean isDoneBy(String attempt) {
    return applied || isLeftBy(attempt);
  }

  /** Whether the item in the way comes from our own earlier try. */
  boolean isLeftBy(String attempt) {
    return text(ATTEMPT).filter(attempt::equals).isPresent();
  }

  Optional<String> text(String attribute) {
    return Optional.ofNullable(before.get(attribute)).map(AttributeValue::s);
  }
}
