package social.avatarai.mcp.functions.authorizer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The result of verifying a token. */
sealed interface Verdict {

  /** The token is valid. The context is what the functions behind the API learn about the caller. */
  record Authorized(ObjectNode context) implements Verdict {}

  /** The token is not valid for this API. The reason is our own text, for the log. */
  record Denied(String reason) implements Verdict {}

  /** The verdict in the log. */
  default String word() {
    return switch (this) {
      case Authorized _ -> "authorized";
      case Denied(var reason) -> "denied: " + reason;
    };
  }
}
