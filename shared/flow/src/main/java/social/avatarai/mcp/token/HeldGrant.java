package social.avatarai.mcp.token;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;

/**
 * The grant that a connection has, also one that cannot be opened: its row was edited, or the key that sealed it is lost.
 *
 * @param key the connection
 * @param grant the grant; null where it cannot be opened
 * @param fault why it cannot be opened, for the journal; "" where it can
 */
public record HeldGrant(ConnectionKey key, @Nullable Grant grant, String fault) {

  /** The grant, where it can be opened. */
  public Optional<Grant> opened() {
    return Optional.ofNullable(grant);
  }
}
