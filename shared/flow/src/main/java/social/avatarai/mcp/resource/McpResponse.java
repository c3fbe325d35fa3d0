package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.discovery.Challenge;

/** What an MCP server answered to one request. */
sealed interface McpResponse {

  /** A result, and the wire it came over; null where that wire ended with it. */
  record Result(JsonNode result, @Nullable NegotiatedProtocol wire) implements McpResponse {}

  /** A JSON-RPC error, the HTTP status it came with, and the wire it came over; null where it refuses to agree on one. */
  record RpcError(JsonNode error, int status, @Nullable NegotiatedProtocol wire) implements McpResponse {
    /** MCP 2026-07-28, basic: HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion. */
    private static final int HEADER_MISMATCH = -32020;
    private static final int UNSUPPORTED_VERSION = -32022;
    private static final Set<Integer> STATELESS_ONLY = Set.of(HEADER_MISMATCH, -32021, UNSUPPORTED_VERSION);

    boolean isHeaderMismatch() { return code() == HEADER_MISMATCH; }

    boolean isUnsupportedVersion() { return code() == UNSUPPORTED_VERSION; }

    /** Whether only a server of the stateless wire says this. */
    boolean isOfTheStatelessWire() {
      return STATELESS_ONLY.contains(code());
    }

    /** Whether the server would take this version. */
    boolean supports(String version) {
      return error.path("data").path("supported").valueStream().anyMatch(v -> version.equals(v.textValue()));
    }

    private int code() {
      return error.path("code").asInt();
    }
  }

  /** 401. */
  record Unauthorized(Optional<Challenge> challenge) implements McpResponse {}

  /** 403; {@code insufficient_scope} where the challenge says so. */
  record Forbidden(Optional<Challenge> challenge) implements McpResponse {}

  /**
   * Neither a result nor an error for this request: a status that is no success, or a body that is no answer.
   *
   * @param status the HTTP status; {@link #NO_STATUS} when there was none
   * @param how for the log
   * @param retryAt when the server wants to be asked again; null when it does not say
   */
  record Unusable(int status, String how, @Nullable Instant retryAt) implements McpResponse {
    static final int NO_STATUS = 0;

    Unusable(int status, String how) {
      this(status, how, null);
    }

    /** The server understood and said no. */
    boolean isRefusal() { return status >= 400 && status < 500 && !isBusy(); }

    boolean isRedirect() { return status >= 300 && status < 400; }

    /** Where something was agreed on, the server knows nothing of it any more. */
    boolean isForgotten() {
      return status == 400 || status == 404;
    }

    /** The server takes no requests now: it has not carried this one out. */
    boolean isBusy() {
      return status == 408 || status == 425 || status == 429 || status == 503;
    }

    /** A server that breaks down, or a gateway that gave it up, may have carried the request out. */
    boolean mayHaveBegun() {
      return status >= 500 && !isBusy();
    }
  }
}
