package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Supplier;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;

/**
 * The members of a server record, or of an object in a record. The user's documents contain many zero values: null,
 * {@code ""}, empty lists and empty objects count as absent. A member of the wrong type is {@code invalid_request}; the
 * error names the member by its path in the record, such as {@code authorization.config.client_id}.
 *
 * @param object the object
 * @param path the path of the object, with a dot at its end; "" for the record itself
 */
record RecordFields(ObjectNode object, String path) {

  /** The members of a record. */
  RecordFields(ObjectNode object) {
    this(object, "");
  }

  boolean isSaid(String member) {
    JsonNode value = object.path(member);
    boolean empty = value.isContainerNode() ? value.isEmpty() : value.isTextual() && value.textValue().isEmpty();
    return !value.isMissingNode() && !value.isNull() && !empty;
  }

  Optional<String> text(String member) {
    if (!isSaid(member)) return Optional.empty();
    if (object.path(member).isTextual()) return Optional.of(object.path(member).textValue());
    throw bad(member, "must be a text");
  }

  /** A text of at most so many characters. */
  Optional<String> text(String member, int most) {
    var text = text(member);
    if (text.filter(value -> value.length() > most).isEmpty()) return text;
    throw bad(member, "is longer than " + most + " characters");
  }

  String required(String member) {
    return text(member).orElseThrow(() -> bad(member, "is missing"));
  }

  boolean flag(String member, boolean otherwise) {
    if (!isSaid(member)) return otherwise;
    if (object.path(member).isBoolean()) return object.path(member).booleanValue();
    throw bad(member, "must be true or false");
  }

  RecordFields object(String member) {
    String below = path + member + ".";
    if (!isSaid(member)) return new RecordFields(Json.newObject(), below);
    if (object.path(member) instanceof ObjectNode inner) return new RecordFields(inner, below);
    throw bad(member, "must be an object");
  }

  /**
   * What a member says, in a form of its own.
   *
   * @param value reads it; its exception says what is wrong, after the name of the member
   */
  <T> T value(String member, ErrorCode code, Supplier<T> value) {
    return valueOf(path + member, code, value);
  }

  /** The same for a member that is named by its whole path. */
  static <T> T valueOf(String member, ErrorCode code, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(code, "The record's " + member + " " + e.getMessage() + ".");
    }
  }

  /** A URL that is a member. It is sent whole, with its query. */
  Optional<EndpointUrl> url(String member) {
    return text(member)
        .map(text -> value(member, ErrorCode.INVALID_URL, () -> new EndpointUrl(text).requireWhole()));
  }

  /** Refuses a member that is neither absent nor a number. */
  void requireNumber(String member) {
    if (isSaid(member) && !object.path(member).isNumber()) throw bad(member, "must be a number");
  }

  /** Refuses members that are nested too deep. The object itself is the first level. */
  void requireDepth(int most) {
    object.properties().forEach(member -> {
      if (isDeeper(member.getValue(), most - 1)) {
        throw bad(shown(member.getKey()), "is nested deeper than " + most + " levels of the record");
      }
    });
  }

  private static boolean isDeeper(JsonNode value, int levels) {
    return value.isContainerNode() && (levels == 0 || value.valueStream().anyMatch(one -> isDeeper(one, levels - 1)));
  }

  /** A name that the user has chosen, in an error: one that is no plain name is not repeated. */
  static String shown(String name) {
    return name.matches("[A-Za-z0-9_-]{1,64}") ? name : "…";
  }

  /** The error of a member. */
  Failure bad(String member, String reason) {
    return bad("The record's " + path + member + " " + reason + ".");
  }

  static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
