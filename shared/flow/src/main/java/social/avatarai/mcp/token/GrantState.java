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
 * @param notBefore no refresh attempt before this time; null for no wait
 * @param lastUsed when a request last used the grant, to the hour
 * @param dueMinute the minute (since the epoch) in which the scheduled refresh looks at the grant; 0 for never
 * @param cause why the last attempt brought no tokens; null if it did, and in rows of earlier releases
 * @param notes what is known besides about the failures and the resource server
 */
public record GrantState(Status status, int failures, int refusals, @Nullable Instant notBefore, Instant lastUsed,
    long dueMinute, @Nullable Cause cause, Notes notes) {

  /** A state without notes. */
  public GrantState(Status status, int failures, int refusals, @Nullable Instant notBefore, Instant lastUsed,
      long dueMinute, @Nullable Cause cause) {
    this(status, failures, refusals, notBefore, lastUsed, dueMinute, cause, Notes.NONE);
  }

  /** A state without a cause. */
  public GrantState(Status status, int failures, int refusals, @Nullable Instant notBefore, Instant lastUsed,
      long dueMinute) {
    this(status, failures, refusals, notBefore, lastUsed, dueMinute, null);
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
   * @param rejectedSince since when the resource server refuses tokens that the issuer has just renewed; null if it
   *        does not
   * @param usedSecret the digest of the client secret that the failed attempt was made with; null if no secret was sent
   */
  public record Notes(@Nullable Instant since, @Nullable Instant rejectedSince, @Nullable String usedSecret) {
    public static final Notes NONE = new Notes(null, null, null);

    Notes failing(@Nullable Instant first, @Nullable String secret) {
      return new Notes(first, rejectedSince, secret);
    }

    private Notes rejected(@Nullable Instant first) {
      return new Notes(since, first, usedSecret);
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

  /** After an attempt that brought no tokens. The refusals are those in a row, with this attempt. */
  GrantState waiting(Failed failed, Instant until, int refusalsInARow, long due) {
    return new GrantState(Status.ACTIVE, failures + 1, refusalsInARow, until, lastUsed, due, failed.cause(),
        notes.failing(first(failed), failed.usedSecret()));
  }

  GrantState needingReauthorization(Failed failed) {
    return new GrantState(Status.REAUTHORIZATION_REQUIRED, failures, refusals, null, lastUsed, 0, failed.cause(),
        notes.failing(first(failed), failed.usedSecret()));
  }

  private Instant first(Failed failed) {
    return failed.cause() == cause && notes.since() != null ? notes.since() : failed.at();
  }

  /** As if no attempt had failed, because the reason of the failures may be gone. */
  GrantState retrying() {
    return new GrantState(Status.ACTIVE, 0, 0, null, lastUsed, dueMinute, cause, notes);
  }

  /** The resource server refuses tokens since this moment; null if it takes them. */
  GrantState rejectedSince(@Nullable Instant first) {
    return new GrantState(status, failures, refusals, notBefore, lastUsed, dueMinute, cause, notes.rejected(first));
  }

  GrantState usedAt(Instant now) {
    return new GrantState(status, failures, refusals, notBefore, now, dueMinute, cause, notes);
  }

  GrantState dueAt(long minute) {
    return new GrantState(status, failures, refusals, notBefore, lastUsed, minute, cause, notes);
  }

  public boolean needsReauthorization() {
    return status == Status.REAUTHORIZATION_REQUIRED;
  }

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
