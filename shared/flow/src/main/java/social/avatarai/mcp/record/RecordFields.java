package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;

/**
 * The members of a server record, or of an object in a record. The user's documents contain many zero values: null,
 * {@code ""}, empty lists and empty objects count as absent. A member of the wrong type is {@code invalid_request}.
 *
 * @param object the object
 */
record RecordFields(ObjectNode object) {

  boolean isSaid(String member) {
    JsonNode value = object.path(member);
    boolean empty = value.isContainerNode() ? value.isEmpty() : value.isTextual() && value.textValue().isEmpty();
    return !value.isMissingNode() && !value.isNull() && !empty;
  }

  Optional<String> text(String member) {
    if (!isSaid(member)) return Optional.empty();
    if (object.path(member).isTextual()) return Optional.of(object.path(member).textValue());
    throw bad("The record's " + member + " must be a text.");
  }

  String required(String member) {
    return text(member).orElseThrow(() -> bad("The record's " + member + " is missing."));
  }

  boolean flag(String member, boolean otherwise) {
    if (!isSaid(member)) return otherwise;
    if (object.path(member).isBoolean()) return object.path(member).booleanValue();
    throw bad("The record's " + member + " must be true or false.");
  }

  RecordFields object(String member) {
    if (!isSaid(member)) return new RecordFields(Json.newObject());
    if (object.path(member) instanceof ObjectNode inner) return new RecordFields(inner);
    throw bad("The record's " + member + " must be an object.");
  }

  static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
