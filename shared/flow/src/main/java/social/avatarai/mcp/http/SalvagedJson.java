package social.avatarai.mcp.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The JSON of a response to a request that may have changed something. Its content exists nowhere else, so faults
 * around the value are no reason to drop it. Two values for one name are a reason: it is unknown which one counts.
 */
public sealed interface SalvagedJson {

  /**
   * A value.
   *
   * @param value an object, an array or another JSON value
   * @param faults what was wrong around it, for the log; empty for plain JSON
   */
  record Value(JsonNode value, Set<Fault> faults) implements SalvagedJson {}

  /** A name has two different values, or two different objects follow each other: the outcome is unknown. */
  record Ambiguous() implements SalvagedJson {}

  /** Nested deeper than {@link Json#MAX_DEPTH}. */
  record TooDeep() implements SalvagedJson {}

  /** No JSON value is there. */
  record NoJson() implements SalvagedJson {}

  /** What was wrong around a value. */
  enum Fault {
    /** The body was compressed. */
    CONTENT_CODING,
    /** The body is not in UTF-8 (RFC 8259 §8.1). */
    CHARSET,
    /** Text stands before the value. */
    TEXT_BEFORE,
    /** Text stands behind the value. */
    TEXT_BEHIND,
    /** A name stands twice in one object, with equal values. */
    REPEATED_NAME,
    /** The value is a string that holds JSON. */
    JSON_IN_A_STRING,
    /** The connection broke behind the value, or its length or its checksum was wrong. */
    NO_END
  }

  /** The value if it is an object. */
  default Optional<ObjectNode> object() {
    return this instanceof Value(ObjectNode object, var _) ? Optional.of(object) : Optional.empty();
  }

  /** What was wrong around the value; empty if there is none. */
  default Set<Fault> faultsAround() {
    return this instanceof Value(var _, var faults) ? faults : Set.of();
  }

  /** The same as words for the log, such as {@code content_coding,text_behind}; "" if nothing was wrong. */
  default String faultsInWords() {
    return faultsAround().stream().map(fault -> fault.name().toLowerCase(Locale.ROOT)).sorted()
        .collect(Collectors.joining(","));
  }
}
