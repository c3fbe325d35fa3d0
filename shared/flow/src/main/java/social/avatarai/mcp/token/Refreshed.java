package social.avatarai.mcp.token;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What came of asking for new tokens. */
public sealed interface Refreshed {

  /** A stored grant's tokens, new or newer than the ones the caller has. */
  record Renewed(Grant grant) implements Refreshed {}

  /** Tokens for a refresh token that is not in our keeping: handed on, not stored. */
  record Relayed(Tokens tokens) implements Refreshed {}

  /**
   * The refresh token is unknown, spent or revoked, or not ours to send.
   *
   * @param upstreamStatus the HTTP status with which the authorization server refused it; null when it was not asked
   */
  record InvalidGrant(@Nullable Integer upstreamStatus) implements Refreshed {}

  /**
   * The grant cannot be renewed any more: the user must consent again.
   *
   * @param upstreamStatus the HTTP status with which the authorization server refused; null when it was not asked
   */
  record ConsentNeeded(@Nullable Integer upstreamStatus) implements Refreshed {}

  /**
   * The authorization server cannot renew it now.
   *
   * @param upstreamStatus the HTTP status that it answered with; null when none was seen
   */
  record Later(Instant notBefore, @Nullable Integer upstreamStatus) implements Refreshed {}
}
