package social.avatarai.mcp.functions.authorizer;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What is made of a token. */
sealed interface Verdict {

  /** Verified; the context is what the functions behind the API learn of the caller. */
  record Authorized(ObjectNode context) implements Verdict {}

  /** Not a token for this API; the reason is ours, for the log. */
  record Denied(String reason) implements Verdict {}

  /** For the log. */
  default String word() {
    return switch (this) {
      case Authorized _ -> "authorized";
      case Denied(var reason) -> "denied: " + reason;
    };
  }
}
