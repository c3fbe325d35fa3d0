package social.avatarai.mcp.authorization;

import java.time.Instant;

/**
 * A response that arrived without the browser's cookie. It is not redeemed, but kept for the user to complete.
 *
 * @param number 1 to {@link #MAX_PER_SESSION}, its place among the session's parked responses
 * @param completionHash SHA-256 of the completion code
 * @param response the response
 * @param expiresAt after this time it is gone
 */
public record ParkedResponse(int number, String completionHash, AuthorizationResponse response, Instant expiresAt) {

  /** The most responses parked on one session, so that a stranger who knows the state cannot fill the table. */
  public static final int MAX_PER_SESSION = 5;
}
