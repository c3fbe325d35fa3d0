package social.avatarai.mcp.token;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;

/**
 * The grant that a connection has. It may be unreadable: its row was edited, or the key that sealed it is lost.
 *
 * @param key the connection
 * @param grant the grant; null if it cannot be opened
 * @param fault why the grant cannot be opened, for the journal; "" if it can
 */
public record HeldGrant(ConnectionKey key, @Nullable Grant grant, String fault) {

  /** The grant, if it can be opened. */
  public Optional<Grant> opened() {
    return Optional.ofNullable(grant);
  }
}
