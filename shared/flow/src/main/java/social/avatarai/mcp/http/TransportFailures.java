package social.avatarai.mcp.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Instant;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * Turns transport errors into failures. The texts are ours. The detail names the kind of error and the origin, never a
 * path, a query or received bytes.
 */
final class TransportFailures {
  private TransportFailures() {}

  /**
   * The failure for an error of the HTTP client, by the kind of error.
   *
   * @param mayHaveBeenSent whether any byte of the request may have been sent
   */
  static Failure because(IOException error, String origin, boolean mayHaveBeenSent) {
    return switch (error) {
      case SocketTimeoutException _ -> late(origin, mayHaveBeenSent);
      case ConnectionRequestTimeoutException _ -> late(origin, mayHaveBeenSent);
      case TruncatedChunkException cut -> broken(origin, cut, mayHaveBeenSent);
      case MessageConstraintException over -> invalid("has more than " + OutboundClient.MAX_HEADERS
          + " headers, or a line of more than " + OutboundClient.MAX_HEADER_BYTES + " bytes in its head", origin, over);
      case MalformedChunkCodingException bad -> invalid("is no HTTP", origin, bad);
      case CodingException bad -> undecodable(bad, origin, mayHaveBeenSent);
      case ClientProtocolException bad -> invalid("is no HTTP", origin, bad);
      default -> broken(origin, error, mayHaveBeenSent);
    };
  }

  /** The failure if no response arrived in time. */
  static Failure late(String origin, boolean mayHaveBeenSent) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT, "The server did not answer in time.", origin,
        mayHaveBeenSent);
  }

  /** The failure if the call waits long, and too many calls of its user do. */
  static Failure crowded(boolean mayHaveBeenSent, Instant retryAt) {
    return new Failure.Crowded(
        "The server takes long, and too many other calls of this user are waiting for servers; try again later. "
            + (mayHaveBeenSent
                ? "The server may have carried out the request that was cut off."
                : "The request that was next was not sent."),
        mayHaveBeenSent)
        .withRetryAt(retryAt);
  }

  /** The failure if a call must have a slot before it sends its first request, and there is none. */
  static Failure noSlot(Instant retryAt) {
    return new Failure.Crowded("Too many other calls of this user are waiting for servers; try again in a moment. "
        + "Nothing was sent.", false).withRetryAt(retryAt);
  }

  /** The failure if there was no connection, or the connection broke. */
  static Failure.Unreachable broken(String origin, @Nullable Throwable error, boolean mayHaveBeenSent) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        mayHaveBeenSent ? "The connection to the server broke." : "The server could not be reached.",
        detail(origin, error), mayHaveBeenSent);
  }

  /**
   * The failure if a name has an address to which we do not connect. A caller must not learn more than of a name that
   * does not exist: the difference would show which names exist in our network. The detail is in our log only.
   */
  static Failure forbidden(String host) {
    return broken(host, null, false).atForbiddenAddress("a forbidden address at " + host);
  }

  /** The failure for a response that breaks a rule. */
  static Failure invalid(String fault, String origin, @Nullable Throwable error) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, "The server's answer " + fault + ".",
        detail(origin, error));
  }

  /** The failure for a content coding that cannot be undone. As when a connection breaks, the content is lost. */
  private static Failure undecodable(CodingException error, String origin, boolean mayHaveBeenSent) {
    return new Failure.Unreachable(ErrorCode.INVALID_UPSTREAM_ANSWER,
        "The server's answer " + error.getMessage() + ". The server may have carried out the request.",
        error.getMessage() + " at " + origin, mayHaveBeenSent);
  }

  private static String detail(String origin, @Nullable Throwable error) {
    return error == null ? origin : error.getClass().getName() + " at " + origin;
  }
}
