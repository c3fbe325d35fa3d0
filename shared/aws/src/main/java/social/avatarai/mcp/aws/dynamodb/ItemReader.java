package social.avatarai.mcp.aws.dynamodb;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * An item as it was read. An item that does not fit its mapping fails with {@code Failure.Misconfigured}, which names
 * the attribute.
 */
final class ItemReader {
  private final Map<String, AttributeValue> item;

  private ItemReader(Map<String, AttributeValue> item) {
    this.item = item;
  }

  /**
   * Maps an item.
   *
   * @param table the logical table, for the log
   */
  static <T> T map(String table, Map<String, AttributeValue> item, Function<ItemReader, T> mapping) {
    try {
      return mapping.apply(new ItemReader(item));
    } catch (IllegalArgumentException e) {
      // These are the messages of our own records. None of them repeats a value.
      throw new Failure.Misconfigured("A stored item is not readable.", "table " + table + ": " + e.getMessage());
    }
  }

  boolean has(String attribute) {
    return item.containsKey(attribute);
  }

  String text(String attribute) {
    return required(attribute, textOrNull(attribute));
  }

  @Nullable
  String textOrNull(String attribute) {
    return optional(attribute, AttributeValue::s);
  }

  long number(String attribute) {
    return required(attribute, numberOrNull(attribute));
  }

  boolean flag(String attribute) {
    return required(attribute, optional(attribute, AttributeValue::bool));
  }

  byte[] bytes(String attribute) {
    return required(attribute, bytesOrNull(attribute));
  }

  byte @Nullable [] bytesOrNull(String attribute) {
    var bytes = optional(attribute, AttributeValue::b);
    return bytes == null ? null : bytes.asByteArray();
  }

  Instant instant(String attribute) {
    return required(attribute, instantOrNull(attribute));
  }

  @Nullable
  Instant instantOrNull(String attribute) {
    Long millis = numberOrNull(attribute);
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }

  /** A number that counts something. */
  int count(String attribute) {
    long number = number(attribute);
    if (number != (int) number) throw new IllegalArgumentException("attribute " + attribute + " is out of range");
    return (int) number;
  }

  <E extends Enum<E>> E word(String attribute, Class<E> type) {
    return word(attribute, text(attribute), type);
  }

  /** The words of a list; none if the attribute is absent. */
  <E extends Enum<E>> Set<E> words(String attribute, Class<E> type) {
    return texts(attribute).map(name -> word(attribute, name, type)).collect(Collectors.toSet());
  }

  private static <E extends Enum<E>> E word(String attribute, String name, Class<E> type) {
    return Stream.of(type.getEnumConstants()).filter(word -> word.name().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("attribute " + attribute + " is none of its words"));
  }

  /** The texts of a list; none if the attribute is absent. */
  Stream<String> texts(String attribute) {
    return has(attribute)
        ? required(attribute, optional(attribute, value -> value.hasL() ? value.l() : null)).stream()
            .map(element -> required(attribute, element.s()))
        : Stream.empty();
  }

  /** An item that is one attribute of this item. */
  Map<String, AttributeValue> item(String attribute) {
    return required(attribute, optional(attribute, value -> value.hasM() ? value.m() : null));
  }

  /** Fails for an item without this map. */
  ItemReader requireMap(String attribute) {
    required(attribute, optional(attribute, value -> value.hasM() ? value.m() : null));
    return this;
  }

  /** Fails for an item without this text. */
  ItemReader requireText(String attribute) {
    text(attribute);
    return this;
  }

  /** A text within a map; null if the map has no text of this name. */
  @Nullable
  String textWithin(String attribute, String name) {
    var map = required(attribute, optional(attribute, value -> value.hasM() ? value.m() : null));
    var value = map.get(name);
    return value == null ? null : value.s();
  }

  private @Nullable Long numberOrNull(String attribute) {
    String digits = optional(attribute, AttributeValue::n);
    return digits == null ? null : Long.valueOf(digits);
  }

  /** Null if the attribute is absent. An attribute of another type is a fault. */
  private <T> @Nullable T optional(String attribute, Function<AttributeValue, @Nullable T> typed) {
    AttributeValue value = item.get(attribute);
    return value == null ? null : required(attribute, typed.apply(value));
  }

  private static <T> T required(String attribute, @Nullable T value) {
    if (value == null) throw new IllegalArgumentException("attribute " + attribute + " is absent or of another type");
    return Objects.requireNonNull(value);
  }
}
