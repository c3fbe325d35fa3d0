package social.avatarai.mcp.aws.dynamodb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The changes of one conditional update of an item. */
final class ItemUpdate {
  private final Condition condition;
  private final List<String> sets = new ArrayList<>();
  private final List<String> removals = new ArrayList<>();
  private final List<String> additions = new ArrayList<>();
  private final List<String> deletions = new ArrayList<>();
  private final Map<String, AttributeValue> values = new HashMap<>();
  private final Map<String, String> names = new HashMap<>();

  private ItemUpdate(Condition condition) {
    this.condition = condition;
  }

  static ItemUpdate when(Condition condition) {
    return new ItemUpdate(condition);
  }

  /** Sets an attribute, or removes it if the value is null. */
  ItemUpdate set(String attribute, @Nullable AttributeValue value) {
    if (value == null) {
      removals.add("#" + attribute);
    } else {
      sets.add("#" + attribute + " = :" + attribute);
      values.put(":" + attribute, value);
    }
    return this;
  }

  /** The same for several attributes. */
  ItemUpdate set(Map<String, ? extends @Nullable AttributeValue> attributes) {
    attributes.forEach(this::set);
    return this;
  }

  /** Adds entries to a set. */
  ItemUpdate add(String attribute, AttributeValue entries) {
    additions.add("#" + attribute + " :" + attribute);
    values.put(":" + attribute, entries);
    return this;
  }

  /** Removes entries from a set. A set without entries is no attribute. */
  ItemUpdate remove(String attribute, AttributeValue entries) {
    deletions.add("#" + attribute + " :" + attribute);
    values.put(":" + attribute, entries);
    return this;
  }

  /** Adds a SET clause as written. Its operands have their values from before the update. */
  ItemUpdate clause(String clause) {
    sets.add(clause);
    return this;
  }

  /** Sets the value of {@code :name} in a clause. */
  ItemUpdate with(String name, AttributeValue value) {
    values.put(":" + name, value);
    return this;
  }

  /** Sets the attribute that {@code #name} stands for, if the attribute has another name. */
  ItemUpdate naming(String name, String attribute) {
    names.put("#" + name, attribute);
    return this;
  }

  String conditionExpression() {
    return condition.expression();
  }

  String expression() {
    return part("SET", sets) + part(" REMOVE", removals) + part(" ADD", additions) + part(" DELETE", deletions);
  }

  private static String part(String verb, List<String> clauses) {
    return clauses.isEmpty() ? "" : verb + " " + String.join(", ", clauses);
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
