package social.avatarai.mcp.aws.dynamodb;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Attribute values, and the items that they make up. Moments are stored in whole milliseconds. */
final class Values {
  private final Map<String, AttributeValue> item = new LinkedHashMap<>();

  private Values() {}

  /** Attributes without a key; the key of the item is elsewhere. */
  static Values none() {
    return new Values();
  }

  /** An item whose key is a partition key only. */
  static Values of(String partition) {
    return new Values().with(Tables.PARTITION, text(partition));
  }

  static Values of(String partition, String sort) {
    return of(partition).with(Tables.SORT, text(sort));
  }

  /** Adds an attribute, unless its value is null. */
  Values with(String attribute, @Nullable AttributeValue value) {
    if (value != null) item.put(attribute, value);
    return this;
  }

  Values with(Map<String, AttributeValue> attributes) {
    item.putAll(attributes);
    return this;
  }

  Map<String, AttributeValue> toMap() {
    return item;
  }

  static AttributeValue text(String value) {
    return AttributeValue.fromS(value);
  }

  static @Nullable AttributeValue textOrNull(@Nullable Object value) {
    return value == null ? null : text(value.toString());
  }

  static AttributeValue number(long value) {
    return AttributeValue.fromN(Long.toString(value));
  }

  static AttributeValue flag(boolean value) {
    return AttributeValue.fromBool(value);
  }

  static AttributeValue bytes(byte[] value) {
    return AttributeValue.fromB(SdkBytes.fromByteArray(value));
  }

  static AttributeValue millis(Instant moment) {
    return number(moment.toEpochMilli());
  }

  static @Nullable AttributeValue millisOrNull(@Nullable Instant moment) {
    return moment == null ? null : millis(moment);
  }

  /** The time to live, which DynamoDB takes in seconds. */
  static AttributeValue seconds(Instant moment) {
    return number(moment.getEpochSecond());
  }

  static AttributeValue texts(Collection<?> values) {
    return AttributeValue.fromL(values.stream().map(value -> text(value.toString())).toList());
  }

  static AttributeValue emptyMap() {
    return AttributeValue.fromM(Map.of());
  }

  static Map<String, AttributeValue> key(String partition) {
    return Map.of(Tables.PARTITION, text(partition));
  }

  static Map<String, AttributeValue> key(Map<String, AttributeValue> item) {
    return Map.of(Tables.PARTITION, item.get(Tables.PARTITION), Tables.SORT, item.get(Tables.SORT));
  }

  static Map<String, AttributeValue> key(String partition, String sort) {
    return Map.of(Tables.PARTITION, text(partition), Tables.SORT, text(sort));
  }
}
