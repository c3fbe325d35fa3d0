package social.avatarai.mcp.resource;

import java.net.URI;
import java.net.URISyntaxException;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** The URL that an HTTP+SSE server names for the client's messages (MCP 2024-11-05, basic/transports). Pure. */
final class SseEndpoint {
  /** The name of the event that names the URL. It is the first one of the stream. */
  static final String EVENT = "endpoint";

  private SseEndpoint() {}

  /**
   * The URL in an endpoint event. It must have the origin of the stream, because the user's token is sent there: a
   * server could otherwise send the token to another one.
   *
   * @param stream the URL of the stream
   * @param said the data of the event, attacker-controlled
   */
  static EndpointUrl of(EndpointUrl stream, String said) {
    EndpointUrl url;
    try {
      url = resolved(stream, said);
    } catch (IllegalArgumentException | URISyntaxException e) {
      throw broken("is no URL that messages can be posted to", said);
    }
    if (!url.origin().equals(stream.origin())) throw broken("names another origin than that of the stream", said);
    return url;
  }

  /**
   * Refuses a URL that is not in the folder of the stream's own path, where the operator wants exact resources: other
   * paths of the origin may belong to other servers, and the user's token is sent to the URL.
   */
  static void requireBeside(EndpointUrl stream, EndpointUrl messages) {
    if (folder(stream).covers(messages)) return;
    throw new Failure.BadRequest(ErrorCode.RESOURCE_NOT_EXACT,
        "The URL that the server names for messages is not beside the URL of its stream; this deployment takes exact "
            + "resources only.");
  }

  private static EndpointUrl folder(EndpointUrl stream) {
    String url = stream.withoutQuery().value();
    String path = stream.path();
    String above = path.substring(0, Math.max(0, path.lastIndexOf('/', path.length() - 2)));
    return new EndpointUrl(url.substring(0, url.length() - path.length()) + above);
  }

  /** The reference in the stream's URL (RFC 3986 §5.2), also where the JDK's parser resolves otherwise. */
  private static EndpointUrl resolved(EndpointUrl stream, String said) throws URISyntaxException {
    if (said.isEmpty()) throw new IllegalArgumentException("is empty");
    if (said.startsWith("?")) return stream.withQueryPart(said);
    var base = stream.path().isEmpty() ? URI.create(stream.withoutQuery().value() + "/") : stream.uri();
    return new EndpointUrl(base.resolve(new URI(said)).toString());
  }

  private static Failure broken(String fault, String said) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, "The server's endpoint event " + fault + ".",
        said.substring(0, Math.min(said.length(), EndpointUrl.MAX_LENGTH)));
  }
}
