package social.avatarai.mcp.authorization;

import java.time.Instant;

/**
 * An answer that came in without the browser's cookie: not redeemed, kept for the second leg.
 *
 * @param number 1 to {@link #MOST}, its place among the session's parked answers
 * @param completionHash SHA-256 of the completion code
 * @param answer what was answered
 * @param expiresAt after this it is gone
 */
public record ParkedResponse(int number, String completionHash, AuthorizationResponse answer, Instant expiresAt) {

  /** The most answers parked on one session: a stranger who knows the state cannot fill a table. */
  public static final int MOST = 5;
}
