package social.avatarai.mcp.record;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** The transports that a record may name as its {@code endpoint.type}. Without a name, it is Streamable HTTP. */
public enum EndpointType {
  STREAMABLE_HTTP("streamableHttp", "http"),
  /** HTTP+SSE of MCP 2024-11-05. */
  SSE("sse"),
  /** A program that the operator of a local runner has defined; see {@link StdioEndpoint}. */
  STDIO("stdio");

  private final String name;
  private final String otherName;

  EndpointType(String name) {
    this(name, name);
  }

  EndpointType(String name, String otherName) {
    this.name = name;
    this.otherName = otherName;
  }

  boolean isNamed(String type) {
    return type.equals(name) || type.equals(otherName);
  }

  /** Refuses the type of an endpoint that is reached over HTTP where it is not offered, with those that are. */
  static void requireOffered(RecordFields endpoint) {
    if (isWebSocket(endpoint.text("url").orElse("")))
      throw notOffered("endpoint.url is a WebSocket URL, and WebSocket is not offered here");
    String type = endpoint.text("type").orElse(STREAMABLE_HTTP.name);
    if (Arrays.stream(values()).anyMatch(one -> one.isNamed(type))) return;
    throw notOffered(isWebSocketName(type)
        ? "endpoint.type is WebSocket, which is not offered here"
        : "endpoint.type is not offered here");
  }

  /** Refuses the URL of a server in a parameter where it is a WebSocket URL. Its other faults are judged elsewhere. */
  public static void requireNoWebSocket(String parameter, String url) {
    if (isWebSocket(url))
      throw new Failure.BadRequest(ErrorCode.UNSUPPORTED_TRANSPORT, "Parameter " + parameter
          + " is a WebSocket URL, and WebSocket is not offered here: use the https URL of a server of " + overHttp()
          + ".");
  }

  private static boolean isWebSocket(String url) {
    return url.regionMatches(true, 0, "ws://", 0, 5) || url.regionMatches(true, 0, "wss://", 0, 6);
  }

  private static boolean isWebSocketName(String type) {
    return List.of("ws", "wss", "websocket").contains(type.toLowerCase(Locale.ROOT));
  }

  private static Failure notOffered(String fault) {
    return new Failure.BadRequest(ErrorCode.UNSUPPORTED_TRANSPORT, "The record's " + fault + ": endpoint.type must be "
        + overHttp() + ", with the https URL of the server in endpoint.url. A local runner also has " + STDIO.name
        + ", with the name of a program in endpoint.command.");
  }

  private static String overHttp() {
    return Arrays.stream(values()).filter(one -> one != STDIO).map(one -> one.name)
        .collect(Collectors.joining(" or "));
  }
}
