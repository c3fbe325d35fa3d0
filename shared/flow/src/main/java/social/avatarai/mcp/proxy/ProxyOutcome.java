package social.avatarai.mcp.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.resource.Access;

/** What a client's message leads to. */
public sealed interface ProxyOutcome {

  /**
   * A JSON-RPC message.
   *
   * @param status the HTTP status
   * @param body the message; it may hold the server's words
   * @param session the id of the session that begins; null for none
   */
  record Message(int status, ObjectNode body, @Nullable String session) implements ProxyOutcome {

    static Message of(int status, ObjectNode body) {
      return new Message(status, body, null);
    }

    static Message ok(ObjectNode body) {
      return of(200, body);
    }
  }

  /** A notification was taken. */
  record Taken() implements ProxyOutcome {}

  /** The client's session has ended. */
  record SessionEnded() implements ProxyOutcome {}

  /** The user must consent first. */
  record Withheld(Access.Withheld access) implements ProxyOutcome {}
}
