package social.avatarai.mcp.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;

/**
 * Why connecting a server failed last.
 *
 * @param code the error code
 * @param at when it failed so for the first time in a row
 * @param hint what to do about it: our own text, without foreign text and without a secret; longer ones are cut
 */
public record ConnectionError(ErrorCode code, Instant at, String hint) {
  private static final int MAX_HINT = 300;

  public ConnectionError {
    if (hint.length() > MAX_HINT) hint = hint.substring(0, MAX_HINT);
  }

  static ConnectionError of(Failure failure, Instant now) {
    return new ConnectionError(failure.code(), now, failure.safeMessage());
  }

  /** Whether it says the same, whenever it was. */
  boolean isSame(ConnectionError other) {
    return code == other.code && hint.equals(other.hint);
  }

  /** As it is shown. */
  public ObjectNode json() {
    return Json.newObject().put("code", code.wire()).put("at", at.toString()).put("hint", hint);
  }
}
