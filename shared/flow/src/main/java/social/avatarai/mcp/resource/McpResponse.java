package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.discovery.Challenge;

/** The response of an MCP server to one request. */
sealed interface McpResponse {

  /**
   * What a JSON-RPC response stands for.
   *
   * @param protocol what was agreed on, or what this result of a handshake offers
   */
  static McpResponse of(ObjectNode message, int status, Function<JsonNode, NegotiatedProtocol> protocol) {
    // Servers in the field send a null error beside a result.
    if (message.hasNonNull("error")) return new RpcError(message.get("error"), status);
    var result = message.get("result");
    return result == null ? new Unusable(status, "without a result") : new Result(result, protocol.apply(result));
  }

  /** A result, and the protocol and session in which the server responded. */
  record Result(JsonNode result, NegotiatedProtocol protocol) implements McpResponse {}

  /**
   * A JSON-RPC error.
   *
   * @param error the error, attacker-controlled
   * @param status the HTTP status; {@link Unusable#NO_STATUS} from a program
   */
  record RpcError(JsonNode error, int status) implements McpResponse {
    /** MCP 2026-07-28, basic: HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion. */
    private static final int HEADER_MISMATCH = -32020;
    private static final int UNSUPPORTED_VERSION = -32022;
    private static final Set<Integer> PROTOCOL_REFUSALS = Set.of(HEADER_MISMATCH, -32021, UNSUPPORTED_VERSION);

    private static final int UNKNOWN_SESSION = -32001;
    /** Invalid request, and the codes that SDKs use for a missing or unknown session. */
    private static final Set<Integer> REFUSALS = Set.of(-32600, -32000, UNKNOWN_SESSION);
    /** Some SDKs say with "invalid params" that a session id is missing or invalid. */
    private static final int INVALID_PARAMS = -32602;
    private static final int UNKNOWN_METHOD = -32601;

    boolean isHeaderMismatch() { return code() == HEADER_MISMATCH; }

    boolean isUnsupportedVersion() { return code() == UNSUPPORTED_VERSION; }

    /**
     * Whether the server refused the request for its version, headers or capabilities. Older servers have no such
     * error.
     */
    boolean isProtocolRefusal() { return PROTOCOL_REFUSALS.contains(code()); }

    /** Whether the server understood the request, and has no such method. */
    boolean isUnknownMethod() {
      return code() == UNKNOWN_METHOD;
    }

    /** Whether the code is one of those for a refusal of the request itself, as of servers that miss a handshake. */
    boolean hasCodeOfRefusal() {
      return REFUSALS.contains(code());
    }

    /**
     * Whether code and words both say that the server does not know the session or the version. The words alone may be
     * those of a tool, for example of one that creates sessions of its own.
     */
    boolean isRefusalOfAgreement() {
      return (hasCodeOfRefusal() || code() == INVALID_PARAMS) && words().refuseAgreement();
    }

    boolean hasCodeOfUnknownSession() {
      return code() == UNKNOWN_SESSION;
    }

    /** Whether the server lists this version as supported. */
    boolean supports(String version) {
      return RefusalWords.supported(error).contains(version);
    }

    RefusalWords words() {
      return RefusalWords.of(error);
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
   * Neither a result nor an error for this request: an unsuccessful status, or a body that is no JSON-RPC response.
   *
   * @param status the HTTP status; {@link #NO_STATUS} when there was none
   * @param how for the log
   * @param retryAt the earliest time at which the server wants another request; null when the server does not say
   * @param redirectedTo the URL to which the server redirects the request, or the origin of a URL at another origin; null
   *     when it does not
   * @param said the JSON-RPC error of the body, which names no request, or else the text of the body; attacker-controlled
   */
  record Unusable(int status, String how, @Nullable Instant retryAt, @Nullable EndpointUrl redirectedTo, JsonNode said)
      implements
        McpResponse {
    static final int NO_STATUS = 0;
    private static final int INTERNAL_ERROR = -32603;

    Unusable(int status, String how) {
      this(status, how, null, null, TextNode.valueOf(""));
    }

    /** The server understood the request and refused it. */
    boolean isRefusal() {
      return Refusal.isOfClient(status) && !isBusy();
    }

    boolean isRedirect() { return status >= 300 && status < 400; }

    RefusalWords words() {
      return RefusalWords.of(said);
    }

    boolean saysNothing() {
      return said.isTextual() && said.textValue().isBlank();
    }

    /**
     * Whether the server refused the request before it read the id: its error names no request (JSON-RPC 2.0 §5). An
     * internal error may come after the work.
     */
    boolean isUnread() { return said.isObject() && said.path("code").asInt() != INTERNAL_ERROR; }

    /** The server accepts no requests now. It has not carried this one out. */
    boolean isBusy() {
      return Refusal.isForLater(status) || status == 503;
    }

    /** A server that breaks down, or that a gateway gave up, may have carried the request out. */
    boolean mayHaveBegun() {
      return status >= 500 && !isBusy();
    }
  }
}
