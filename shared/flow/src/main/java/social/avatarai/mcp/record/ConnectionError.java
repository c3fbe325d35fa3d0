package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;

/**
 * Why the last attempt to connect a server failed.
 *
 * @param code the error code
 * @param at the first time in a row that connecting failed for this reason
 * @param hint what to do about the failure: our own text without foreign text and secrets; a longer one is cut
 */
public record ConnectionError(ErrorCode code, Instant at, String hint) {
  private static final int MAX_HINT_LENGTH = 300;

  public ConnectionError {
    if (hint.length() > MAX_HINT_LENGTH) hint = hint.substring(0, MAX_HINT_LENGTH);
  }

  static ConnectionError of(Failure failure, Instant now) {
    return new ConnectionError(failure.code(), now, failure.safeMessage());
  }

  /** Whether the other error is the same, at whatever time. */
  boolean isSame(ConnectionError other) {
    return code == other.code && hint.equals(other.hint);
  }

  /** The error as a user sees it. */
  public ObjectNode json() {
    return Json.newObject().put("code", code.wireName()).put("at", at.toString()).put("hint", hint);
  }
}
