package social.avatarai.mcp.authorization;

import java.time.Duration;
import java.time.Instant;
import social.avatarai.mcp.discovery.ProviderRequests;

/**
 * A response that arrived without the browser's cookie. It is not redeemed, but kept for the user to complete.
 *
 * @param number 1 to {@link #MAX_PER_SESSION}, its place among the session's parked responses
 * @param completionHash SHA-256 of the completion code
 * @param response the response
 * @param expiresAt after this time it is gone
 */
public record ParkedResponse(int number, String completionHash, AuthorizationResponse response, Instant expiresAt) {

  /**
   * The longest time for which a response is parked. Codes live only a little longer (RFC 6749 §4.1.2 recommends at most
   * ten minutes).
   */
  static final Duration PARK_LIFE = Duration.ofSeconds(60);
  /** The most responses parked on one session, so that a stranger who knows the state cannot fill the table. */
  public static final int MAX_PER_SESSION = 5;

  /**
   * How long a response of a provider is parked. A code is not sent after its life, because some providers end
   * everything of a code that comes late.
   */
  static Duration life(ProviderRequests provider) {
    var codeLife = provider.codeLife();
    return codeLife == null || codeLife.compareTo(PARK_LIFE) > 0 ? PARK_LIFE : codeLife;
  }
}
