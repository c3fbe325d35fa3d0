package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * Where the next page of a list starts: after the last id of this page. Callers must not interpret it. It needs no
 * protection, because it can only select from the caller's own list.
 */
public final class Cursor {
  private Cursor() {}

  /** The parameter {@code cursor}; null when it is absent. */
  public static @Nullable ConnectionId read(Request request) {
    return request.optional("cursor").map(Cursor::decode).orElse(null);
  }

  /** The {@code next_cursor} of a page that ends here; null at the end of the list. */
  public static @Nullable String of(@Nullable ConnectionId last) {
    if (last == null) return null;
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
