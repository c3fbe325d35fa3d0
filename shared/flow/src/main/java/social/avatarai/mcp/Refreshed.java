package social.avatarai.mcp;

import java.time.Instant;

import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Tokens;

/** What came of asking for new tokens. */
public sealed interface Refreshed {

  /** A stored grant's tokens, new or newer than the ones the caller has. */
  record Renewed(Grant grant) implements Refreshed {}

  /** Tokens for a refresh token that is not in our keeping: handed on, not stored. */
  record Relayed(Tokens tokens) implements Refreshed {}

  /** The refresh token is unknown, spent or revoked, or not ours to send. */
  record InvalidGrant() implements Refreshed {}

  /** The grant cannot be renewed any more: the user must consent again. */
  record ConsentNeeded() implements Refreshed {}

  /** The authorization server cannot renew it now. */
  record Later(Instant notBefore) implements Refreshed {}
}
