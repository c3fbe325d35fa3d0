package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.event.GrantChange;
import social.avatarai.mcp.event.GrantFacts;
import social.avatarai.mcp.http.Json;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The stream of the tokens table, as Lambda delivers its records. A record contains whole items. Only the attributes
 * named here are read, and none of them is sealed: nothing here has a key.
 */
public final class GrantStream {
  /** The plain attributes from which events are made. */
  private static final List<String> READ = List.of(Tables.PARTITION, Tables.SORT, GrantItem.GRANT, GrantItem.VERSION,
      GrantItem.STATUS, GrantItem.CAUSE, TargetItem.ISSUER);

  /** The maximum digits of a stream's number. With leading zeros, numbers are in the order of their texts. */
  private static final int NUMBER_DIGITS = 40;
  /** When a stream was switched on, as the end of its ARN has it: to the second, at most to the millisecond here. */
  private static final Pattern BEGUN = Pattern
      .compile(".*/stream/([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\\.([0-9]{1,3}).*)?");
  private static final int BEGUN_DIGITS = 17;

  private GrantStream() {}

  /** The change of a grant; empty for a change of another item, such as a lease. */
  public static Optional<GrantChange> change(JsonNode record) {
    JsonNode change = record.path("dynamodb");
    String sort = Json.text(change.at("/Keys/" + Tables.SORT), "S").orElseThrow(GrantStream::unreadable);
    if (!GrantItem.isGrant(Map.of(Tables.SORT, text(sort)))) return Optional.empty();
    var before = facts(change.path("OldImage"));
    var after = facts(change.path("NewImage"));
    var id = Json.text(record, "eventID");
    var sequence = sequence(record);
    if (id.isEmpty() || sequence.isEmpty() || (before == null && after == null)) throw unreadable();
    return Optional.of(new GrantChange(id.get(), begun(record) + padded(sequence.get()), time(change), before, after));
  }

  /** A stream that is switched on again counts from the beginning, so what it counts stands behind its own time. */
  private static String begun(JsonNode record) {
    var begun = BEGUN.matcher(record.path("eventSourceARN").asText(""));
    if (!begun.matches())
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "The record's eventSourceARN names no stream.");
    var digits = IntStream.rangeClosed(1, begun.groupCount()).mapToObj(begun::group).filter(Objects::nonNull)
        .collect(Collectors.joining());
    return digits + "0".repeat(BEGUN_DIGITS - digits.length());
  }

  private static String padded(String number) {
    return "0".repeat(NUMBER_DIGITS - number.length()) + number;
  }

  /** The number of a record in its stream; empty for what is no record. */
  public static Optional<String> sequence(JsonNode record) {
    return Json.text(record.path("dynamodb"), "SequenceNumber").filter(digits -> digits.matches("[0-9]{1,40}"));
  }

  private static Failure unreadable() {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "The record is no change of the tokens table.");
  }

  /** In whole seconds. Lambda delivers a number; AWS's command line, by which an operator reads a record, a text. */
  private static Instant time(JsonNode change) {
    JsonNode time = change.path("ApproximateCreationDateTime");
    if (time.isNumber()) return Instant.ofEpochSecond(time.asLong());
    try {
      return OffsetDateTime.parse(time.asText()).toInstant();
    } catch (DateTimeParseException e) {
      throw unreadable();
    }
  }

  private static @Nullable GrantFacts facts(JsonNode image) {
    if (!image.isObject()) return null;
    return ItemReader.map(GrantItem.TABLE, plain(image), GrantItem::facts);
  }

  private static Map<String, AttributeValue> plain(JsonNode image) {
    var item = new LinkedHashMap<String, AttributeValue>();
    for (String attribute : READ) {
      JsonNode value = image.path(attribute);
      Json.text(value, "S").ifPresent(text -> item.put(attribute, AttributeValue.fromS(text)));
      Json.text(value, "N").ifPresent(number -> item.put(attribute, AttributeValue.fromN(number)));
    }
    return item;
  }
}
