package social.avatarai.mcp.authorization;

import java.time.Instant;

/**
 * An answer that came in without the browser's cookie: not redeemed, kept for the second leg.
 *
 * @param number 1 to {@link #MAX_PER_SESSION}, its place among the session's parked answers
 * @param completionHash SHA-256 of the completion code
 * @param response what was answered
 * @param expiresAt after this it is gone
 */
public record ParkedResponse(int number, String completionHash, AuthorizationResponse response, Instant expiresAt) {

  /** The most answers parked on one session: a stranger who knows the state cannot fill a table. */
  public static final int MAX_PER_SESSION = 5;
}
