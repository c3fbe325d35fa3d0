package social.avatarai.mcp.http;

import java.io.IOException;
import java.net.SocketTimeoutException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.TruncatedChunkException;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * Says what went wrong on the way. The texts are ours; the detail names the kind of error and the origin, never a path,
 * a query or a byte that was received.
 */
final class TransportFailures {
  private TransportFailures() {}

  /**
   * An error of the client, by its kind.
   *
   * @param departed whether anything of the request may have left
   */
  static Failure because(IOException error, String origin, boolean departed) {
    return switch (error) {
      case SocketTimeoutException _ -> late(origin, departed);
      case ConnectionRequestTimeoutException _ -> late(origin, departed);
      case TruncatedChunkException cut -> broken(origin, cut, departed);
      case MessageConstraintException over -> invalid("is over a limit", origin, over);
      case MalformedChunkCodingException bad -> invalid("is no HTTP", origin, bad);
      case ClientProtocolException bad -> invalid("is no HTTP", origin, bad);
      default -> broken(origin, error, departed);
    };
  }

  /** No answer in time. */
  static Failure late(String origin, boolean departed) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_TIMEOUT, "The server did not answer in time.", origin, departed);
  }

  /** No connection, or a connection that broke. */
  static Failure broken(String origin, @Nullable Throwable error, boolean departed) {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE,
        departed ? "The connection to the server broke." : "The server could not be reached.",
        detail(origin, error), departed);
  }

  /** An answer that is not taken. */
  static Failure invalid(String fault, String origin, @Nullable Throwable error) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, "The server's answer " + fault + ".",
        detail(origin, error));
  }

  private static String detail(String origin, @Nullable Throwable error) {
    return error == null ? origin : error.getClass().getName() + " at " + origin;
  }
}
