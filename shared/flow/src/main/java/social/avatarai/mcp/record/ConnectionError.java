package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;

/**
 * Why the last attempt to connect a server, or to renew its grant, failed.
 *
 * @param code the error code
 * @param at the first time in a row that it failed for this reason
 * @param hint what to do about the failure: our own text without foreign text and secrets; a longer one is cut
 * @param retryAt when another try makes sense; null if that is not known
 */
public record ConnectionError(ErrorCode code, Instant at, String hint, @Nullable Instant retryAt) {
  private static final int MAX_HINT_LENGTH = 600;

  public ConnectionError {
    if (hint.length() > MAX_HINT_LENGTH) hint = hint.substring(0, MAX_HINT_LENGTH);
  }

  /** An error without a time for another try. */
  public ConnectionError(ErrorCode code, Instant at, String hint) {
    this(code, at, hint, null);
  }

  static ConnectionError of(Failure failure, Instant now) {
    return new ConnectionError(failure.code(), now, Remedy.of(failure), failure.retryAt().orElse(null));
  }

  /** This error, since the time of the one before if that is the same. */
  ConnectionError after(@Nullable ConnectionError before) {
    if (before == null || code != before.code || !hint.equals(before.hint)) return this;
    return new ConnectionError(code, before.at, hint, retryAt);
  }

  /** The error as a user sees it; JSON null for no error. */
  public static JsonNode jsonOf(@Nullable ConnectionError error) {
    return error == null ? NullNode.getInstance() : error.json();
  }

  /** The error as a user sees it. */
  public ObjectNode json() {
    var json = Json.newObject().put("code", code.wireName()).put("at", at.toString()).put("hint", hint);
    return retryAt == null ? json : json.put("retry_at", retryAt.toString());
  }
}
