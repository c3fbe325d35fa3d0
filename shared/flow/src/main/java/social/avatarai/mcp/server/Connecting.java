package social.avatarai.mcp.server;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.resource.Access;

/** The outcome of connecting a server. */
public sealed interface Connecting {

  /**
   * What a list of connections shows beside the status.
   *
   * @param cause the reason for the status; null when the status needs none
   * @param error what stands against using the connection; null for nothing
   */
  record Why(@Nullable String cause, @Nullable ConnectionError error) {
    static final Why NONE = new Why(null, null);

    static Why of(ConnectionView view) {
      return new Why(view.cause(), view.error());
    }
  }

  /** The server has responded, with the user's grant or without one. */
  record Connected(Why why) implements Connecting {
    /** A connection without a cause and without an error. */
    public Connected() {
      this(Why.NONE);
    }
  }

  /** The user must consent: a flow has begun. */
  record AuthorizationRequired(AuthorizationStarted begun, Why why) implements Connecting {}

  /** The server responded with a JSON-RPC error instead of its description. */
  record Refused(Access.RpcError refused) implements Connecting {}
}
