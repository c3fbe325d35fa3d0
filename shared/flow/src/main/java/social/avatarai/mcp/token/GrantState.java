package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The state of a grant.
 *
 * @param status whether the refresh token still works
 * @param failures refresh attempts in a row that brought no tokens
 * @param refusals what the refusals since the last other outcome weigh: one in a word about the token counts 1, any
 *        other counts 2
 * @param notBefore no refresh attempt before this time; null for no wait. A grant that has ended has such a time only
 *        while it is tried with another secret of its client
 * @param lastUsed when a request last used the grant, to the hour
 * @param dueMinute the minute (since the epoch) in which the scheduled refresh looks at the grant; 0 for never
 * @param cause why the last attempt brought no tokens; null if it did, and in rows of earlier releases
 * @param notes what is known besides about the failures and the resource server
 */
public record GrantState(Status status, int failures, int refusals, @Nullable Instant notBefore, Instant lastUsed,
    long dueMinute, @Nullable Cause cause, Notes notes) {

  /** A state without a cause and without notes. */
  public GrantState(Status status, int failures, int refusals, @Nullable Instant notBefore, Instant lastUsed,
      long dueMinute) {
    this(status, failures, refusals, notBefore, lastUsed, dueMinute, null, Notes.NONE);
  }

  /** Whether a grant can be renewed. */
  public enum Status {
    ACTIVE, REAUTHORIZATION_REQUIRED
  }

  /** Why a grant could not be renewed: for now, if its status is active, or for good. */
  public enum Cause {
    /**
     * The issuer's metadata names a token endpoint on another site. Tokens are not sent there without a new consent.
     */
    TOKEN_ENDPOINT_MOVED,
    /** The issuer refuses the refresh token, or refuses the request for an unknown reason. */
    REFRESH_REFUSED,
    /** The issuer refuses a client that a person has registered: its secret may have been changed. */
    CLIENT_REFUSED,
    /** The issuer no longer knows the client that this service has registered. */
    CLIENT_FORGOTTEN,
    /** The issuer was not reached, or asks to wait. */
    REFRESH_POSTPONED,
    /** It is unknown whether the issuer has carried out the refresh. */
    REFRESH_UNANSWERED,
    /** The issuer gives access tokens for another resource. */
    AUDIENCE_MISMATCH,
    /** The issuer gives tokens of another account. */
    IDENTITY_CHANGED;

    /** The word in responses and in the log. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What is known besides about the failures and the resource server.
   *
   * @param since the first failure in a row with the present cause; null if there is none
   * @param rejectedSince since when the resource server refuses tokens that the issuer has just renewed or cannot renew,
   *        or tokens of this issuer at all; null if it does not
   * @param usedSecret the digest of the client secret that the failed attempt was made with; null if no secret was sent
   */
  public record Notes(@Nullable Instant since, @Nullable Instant rejectedSince, @Nullable String usedSecret) {
    public static final Notes NONE = new Notes(null, null, null);

    Notes failing(@Nullable Instant first, @Nullable String secret) {
      return new Notes(first, rejectedSince, secret);
    }
  }

  /** A failed attempt: why and when, and the digest of the client secret that it was made with. */
  record Failed(Cause cause, Instant at, @Nullable String usedSecret) {}

  /** The state of a grant that has just been given or renewed. */
  public static GrantState healthy(Instant lastUsed, long dueMinute) {
    return new GrantState(Status.ACTIVE, 0, 0, null, lastUsed, dueMinute);
  }

  /** After a renewal. Whether the resource server takes the new tokens is not known yet. */
  GrantState renewed(long due) {
    return new GrantState(Status.ACTIVE, 0, 0, null, lastUsed, due, null, notes.failing(null, null));
  }

  /**
   * After an attempt that brought no tokens. The refusals are those in a row, with this attempt. A grant that has ended
   * stays ended for the same cause: only new tokens, or a new consent, change that.
   */
  GrantState waiting(Failed failed, Instant until, int refusalsInARow, long due) {
    boolean ended = needsReauthorization();
    return new GrantState(status, failures + 1, refusalsInARow, until, lastUsed, due, ended ? cause : failed.cause(),
        notes.failing(ended ? notes.since() : first(failed), failed.usedSecret()));
  }

  GrantState needingReauthorization(Failed failed) {
    return new GrantState(Status.REAUTHORIZATION_REQUIRED, failures, refusals, null, lastUsed, 0, failed.cause(),
        notes.failing(first(failed), failed.usedSecret()));
  }

  private Instant first(Failed failed) {
    return failed.cause() == cause && notes.since() != null ? notes.since() : failed.at();
  }

  /**
   * As if no attempt had failed, because the reason of the failures may be gone. A grant that has ended stays ended
   * until tokens have come.
   */
  GrantState retrying() {
    return new GrantState(status, 0, 0, null, lastUsed, dueMinute, cause, notes);
  }

  GrantState usedAt(Instant now) {
    return new GrantState(status, failures, refusals, notBefore, now, dueMinute, cause, notes);
  }

  public boolean needsReauthorization() {
    return status == Status.REAUTHORIZATION_REQUIRED;
  }

  /**
   * Whether the grant has ended and no attempt may follow. Another secret of its client may bring a grant back that has
   * ended: while such attempts fail for a reason that may pass, it waits for the next one.
   */
  boolean isOver() { return needsReauthorization() && notBefore == null; }

  /** Whether the last attempts to renew the grant have failed, and further attempts follow. */
  public boolean isFailing() {
    return status == Status.ACTIVE && failures > 0;
  }

  /** Whether the resource server refuses the tokens although the issuer renews them. */
  public boolean isRejected() {
    return notes.rejectedSince() != null;
  }

  public boolean mustWait(Instant now) {
    return notBefore != null && now.isBefore(notBefore);
  }
}
