package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A condition or key expression with its values. Every attribute is written {@code #name}, because many good names are
 * reserved words of DynamoDB.
 */
final class Condition {
  private static final Pattern NAME = Pattern.compile("#([A-Za-z][A-Za-z0-9]*)");

  private final String expression;
  private final Map<String, AttributeValue> values = new HashMap<>();

  private Condition(String expression) {
    this.expression = expression;
  }

  static Condition of(String expression) {
    return new Condition(expression);
  }

  /** Holds if there is no item under this key. */
  static Condition absent() {
    return of("attribute_not_exists(#pk)");
  }

  /** Holds if there is an item under this key. */
  static Condition present() {
    return of("attribute_exists(#pk)");
  }

  /** The rows of a partition whose sort keys begin so. */
  static Condition range(String partition, String prefix) {
    return of("#pk = :pk AND begins_with(#sk, :prefix)").with("pk", text(partition)).with("prefix", text(prefix));
  }

  /** Holds if the attribute has this value; where the value is null, if the item does not have the attribute. */
  static Condition is(String attribute, @Nullable AttributeValue value) {
    return value == null
        ? of("attribute_not_exists(#" + attribute + ")")
        : of("#" + attribute + " = :" + attribute + "Before").with(attribute + "Before", value);
  }

  /** Sets the value of {@code :name}. */
  Condition with(String name, AttributeValue value) {
    values.put(":" + name, value);
    return this;
  }

  /** Holds if both conditions hold. */
  Condition and(Condition other) {
    return join("AND", other);
  }

  /** Holds if one of the conditions holds. */
  Condition or(Condition other) {
    return join("OR", other);
  }

  /** Holds if the condition does not hold. A comparison with an attribute that the item does not have never holds. */
  Condition negated() {
    var not = of("NOT (" + expression + ")");
    not.values.putAll(values);
    return not;
  }

  private Condition join(String word, Condition other) {
    var both = of("(" + expression + ") " + word + " (" + other.expression + ")");
    both.values.putAll(values);
    both.values.putAll(other.values);
    return both;
  }

  String expression() {
    return expression;
  }

  Map<String, AttributeValue> values() {
    return values;
  }

  Map<String, String> names() {
    return names(expression);
  }

  /** The values, or null if there are none, because DynamoDB refuses an empty map. */
  @Nullable
  Map<String, AttributeValue> valuesOrNull() {
    return values.isEmpty() ? null : values;
  }

  static Map<String, String> names(String expressions) {
    return NAME.matcher(expressions).results()
        .collect(Collectors.toMap(match -> match.group(), match -> match.group(1), (one, same) -> one));
  }
}
