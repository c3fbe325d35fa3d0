package social.avatarai.mcp.aws.dynamodb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** What an update does to an item, in one write, under its condition. */
final class ItemUpdate {
  private final Condition condition;
  private final List<String> sets = new ArrayList<>();
  private final List<String> removals = new ArrayList<>();
  private final Map<String, AttributeValue> values = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();

  private ItemUpdate(Condition condition) {
    this.condition = condition;
  }

  static ItemUpdate when(Condition condition) {
    return new ItemUpdate(condition);
  }

  /** Sets an attribute; one without a value is removed. */
  ItemUpdate set(String attribute, @Nullable AttributeValue value) {
    if (value == null) {
      removals.add("#" + attribute);
    } else {
      sets.add("#" + attribute + " = :" + attribute);
      values.put(":" + attribute, value);
    }
    return this;
  }

  /** A SET clause as it stands, whose operands are those before the update. */
  ItemUpdate clause(String clause) {
    sets.add(clause);
    return this;
  }

  /** Gives the value of {@code :name} of a clause. */
  ItemUpdate with(String name, AttributeValue value) {
    values.put(":" + name, value);
    return this;
  }

  /** Says which attribute {@code #name} means, where it is not its own name. */
  ItemUpdate naming(String name, String attribute) {
    names.put("#" + name, attribute);
    return this;
  }

  String conditionExpression() {
    return condition.expression();
  }

  String expression() {
    return (sets.isEmpty() ? "" : "SET " + String.join(", ", sets))
        + (removals.isEmpty() ? "" : " REMOVE " + String.join(", ", removals));
  }

  Map<String, AttributeValue> values() {
    var all = new HashMap<>(condition.values());
    all.putAll(values);
    return all;
  }

  Map<String, String> names() {
    var all = new HashMap<>(Condition.names(expression() + " " + condition.expression()));
    all.putAll(names);
    return all;
  }
}
