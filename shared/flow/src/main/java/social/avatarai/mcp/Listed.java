package social.avatarai.mcp;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One row of a list. An unreadable row does not make the whole list fail.
 *
 * @param connection the connection of the row
 * @param value the content of the row; null if the row cannot be read
 * @param fault why the row cannot be read, for the log; "" if it can
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
