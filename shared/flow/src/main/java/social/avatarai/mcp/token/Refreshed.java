package social.avatarai.mcp.token;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The outcome of a request for new tokens. */
public sealed interface Refreshed {

  /** The tokens of a stored grant, newer than the caller's tokens. */
  record Renewed(Grant grant) implements Refreshed {}

  /** Tokens for a refresh token that is not stored here. They are handed on and not stored. */
  record Relayed(Tokens tokens) implements Refreshed {}

  /**
   * The refresh token is unknown, used up or revoked, or we may not send it.
   *
   * @param upstreamStatus the HTTP status of the refusal; null if the authorization server was not asked
   */
  record InvalidGrant(@Nullable Integer upstreamStatus) implements Refreshed {}

  /**
   * The grant cannot be renewed any more: the user must consent again.
   *
   * @param upstreamStatus the HTTP status of the refusal; null if the authorization server was not asked
   */
  record ConsentNeeded(@Nullable Integer upstreamStatus) implements Refreshed {}

  /**
   * The authorization server cannot renew the grant now.
   *
   * @param notBefore the time of the next attempt
   * @param upstreamStatus the HTTP status of its response; null if there was none
   */
  record Later(Instant notBefore, @Nullable Integer upstreamStatus) implements Refreshed {}
}
