package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;

/**
 * An error with which a provider says that a refresh token is dead. In a profile it is the error word, or an object with
 * these two members.
 *
 * @param error {@code error}, required
 * @param description {@code error_description}: the text that must stand beside a word which also means other things;
 *        null if the word alone decides
 */
public record DeadTokenError(String error, @Nullable String description) {

  public DeadTokenError {
    if (error.isEmpty()) throw new IllegalArgumentException("must be error words, or objects with an error");
  }

  /** An error whose word alone decides. */
  public DeadTokenError(String error) {
    this(error, null);
  }

  static DeadTokenError read(JsonNode entry) {
    return entry.isTextual()
        ? new DeadTokenError(entry.textValue())
        : new DeadTokenError(Json.text(entry, "error").orElse(""), Json.text(entry, "error_description").orElse(null));
  }

  /** Whether a response with this error word and this description, "" if there is none, has this error. */
  public boolean fits(String word, String text) {
    return word.equals(error) && (description == null || text.equals(description));
  }
}
