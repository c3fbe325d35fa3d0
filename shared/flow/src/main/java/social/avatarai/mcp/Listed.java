package social.avatarai.mcp;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One row of a list. A row that cannot be read does not cost the others.
 *
 * @param connection the connection that the row is of
 * @param value what the row says; null when it cannot be read
 * @param fault why it cannot be read, for the log; "" when it can
 */
public record Listed<T>(ConnectionId connection, @Nullable T value, String fault) {

  public static <T> Listed<T> readable(ConnectionId connection, T value) {
    return new Listed<>(connection, value, "");
  }

  public static <T> Listed<T> unreadable(ConnectionId connection, String fault) {
    return new Listed<>(connection, null, fault);
  }

  public Optional<T> read() {
    return Optional.ofNullable(value);
  }
}
