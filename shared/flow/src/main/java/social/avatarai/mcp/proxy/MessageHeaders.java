package social.avatarai.mcp.proxy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a client's message that mean something in MCP (Streamable HTTP). Each is null where it is absent.
 *
 * @param accept {@code Accept}
 * @param contentType {@code Content-Type}
 * @param protocolVersion {@code MCP-Protocol-Version}
 * @param method {@code Mcp-Method}
 * @param name {@code Mcp-Name}
 * @param session {@code Mcp-Session-Id}
 */
public record MessageHeaders(@Nullable String accept, @Nullable String contentType, @Nullable String protocolVersion,
    @Nullable String method, @Nullable String name, @Nullable String session) {

  private static final String JSON = "application/json";

  /** Why a message with these headers is not read; empty where it is. */
  Optional<RpcFault> fault() {
    if (!isJson()) {
      return Optional.of(RpcFault.invalid(415, "The header Content-Type must be application/json."));
    }
    if (!acceptsJson()) {
      return Optional.of(RpcFault.invalid(406,
          "The header Accept must list application/json, in which every response is."));
    }
    return Optional.empty();
  }

  private boolean isJson() { return contentType != null && mediaType(contentType).equals(JSON); }

  /**
   * MCP, basic/transports: a client lists application/json and text/event-stream. No response is a stream here, so it is
   * enough that the client takes JSON. A request without the header takes anything (RFC 9110 §12.5.1).
   */
  private boolean acceptsJson() {
    return accept == null || accept.isBlank()
        || Arrays.stream(accept.split(",", -1)).anyMatch(MessageHeaders::admitsJson);
  }

  private static boolean admitsJson(String range) {
    String type = mediaType(range);
    boolean isJson = type.equals(JSON) || type.equals("application/*") || type.equals("*/*");
    return isJson && !range.toLowerCase(Locale.ROOT).replace(" ", "").matches(".*;q=0(\\.0*)?(;.*)?");
  }

  private static String mediaType(String value) {
    return value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }
}
