package social.avatarai.mcp.functions.connections;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.lambda.Request;

/**
 * Where the next page of a list starts: after the last id of this page. Callers must not interpret it. It needs no
 * protection, because it can only select from the caller's own list.
 */
final class Cursor {
  private Cursor() {}

  /** The parameter {@code cursor}; null when it is absent. */
  static @Nullable ConnectionId read(Request request) {
    return request.optional("cursor").map(Cursor::decode).orElse(null);
  }

  static String of(ConnectionId last) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(last.value().getBytes(UTF_8));
  }

  private static ConnectionId decode(String cursor) {
    try {
      return new ConnectionId(new String(Base64.getUrlDecoder().decode(cursor), UTF_8));
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
          "Parameter cursor is not a next_cursor of this list; leave it out to begin.");
    }
  }
}
