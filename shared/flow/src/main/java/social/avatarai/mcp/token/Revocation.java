package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.token.Grants.Waited;

/**
 * Ends a grant: deletes the grant, then revokes its token at its issuer (RFC 7009). The token is kept instead if the
 * revocation would end another grant of the same user, issuer and client; see {@link KeptTokens}. The grant is deleted
 * even if the issuer cannot be reached or refuses.
 */
public final class Revocation {
  /** Time reserved after the requests to the issuers. */
  private static final Duration FOR_FORGETTING = Duration.ofSeconds(4);
  /** Time reserved for a caller that had to drop tokens. */
  private static final Duration FOR_GOING_ON = Duration.ofSeconds(1);

  private final KeptTokens kept;
  private final WaitingEnds ends;
  private final Grants grants;
  private final ServerSessions sessions;
  private final Journal journal;

  public Revocation(KeptTokens kept, WaitingEnds ends, Grants grants, ServerSessions sessions, Journal journal) {
    this.kept = kept;
    this.ends = ends;
    this.grants = grants;
    this.sessions = sessions;
    this.journal = journal;
  }

  /**
   * The result of a revocation.
   *
   * @param revoked whether the issuer has revoked all tokens
   * @param upstreamStatus the HTTP status of its revocation endpoint; null if there was no response
   */
  public record Result(boolean revoked, @Nullable Integer upstreamStatus) {
    /** There was nothing to revoke, or no issuer was asked. */
    public static final Result NOTHING = new Result(false, null);

    private static Result of(KeptTokens.Ended ended) {
      return new Result(ended.isComplete(), ended.upstreamStatus());
    }

    /** This result, or the other result if this one has revoked nothing. */
    public Result or(Result other) {
      return revoked || other.equals(NOTHING) ? this : other;
    }
  }

  /**
   * Ends a grant, and what waits beside it. If it was the last grant of its issuer and client, all kept tokens of that
   * client are revoked too. The MCP session is ended before, because that needs the access token.
   */
  public Result end(Grant grant, Deadline deadline) {
    var deleted = deleteKeepingToken(grant);
    return deleted.how() == Removal.LOST ? endAllWaiting(deleted, deadline) : endNamed(deleted, deadline);
  }

  /**
   * Ends a grant that was stored a moment ago, and all that waits for its connection: the write of the grant may not
   * know what waited beside the one before.
   */
  public void endStored(Grant grant, Deadline deadline) {
    var deleted = deleteKeepingToken(grant);
    var _ = deleted.how() == Removal.REPLACED ? endNamed(deleted, deadline) : endAllWaiting(deleted, deadline);
  }

  private Result endNamed(Deleted deleted, Deadline deadline) {
    var connection = deleted.grant().key();
    ends.forget(connection, deleted.waited());
    var result = settle(deleted, deadline);
    // What waited may be of another client. Then its token is still kept.
    ends.end(connection, deleted.waited(), forTheIssuers(deadline));
    return result;
  }

  private Result endAllWaiting(Deleted deleted, Deadline deadline) {
    var connection = deleted.grant().key();
    ends.forgetAll(connection);
    var result = settle(deleted, deadline);
    var _ = kept.settle(connection, forTheIssuers(deadline));
    return result;
  }

  private Result settle(Deleted deleted, Deadline deadline) {
    var last = deleted.grant();
    sessions.end(last, deadline);
    var result = Result.of(kept.settle(deleted.token(), last.tokens().accessToken(), forTheIssuers(deadline)));
    journal.write("disconnected", Map.of("connection", last.key().connection(), "revoked", result.revoked()));
    return result;
  }

  /**
   * Ends the kept tokens of earlier grants of a connection that has no grant. The result is empty if there were no such
   * tokens, or if another grant of the client exists.
   */
  public Optional<Result> endReplaced(ConnectionKey connection, Deadline deadline) {
    ends.forgetAll(connection);
    return Optional.of(kept.settle(connection, forTheIssuers(deadline))).filter(ended -> !ended.isNone())
        .map(Result::of);
  }

  /**
   * Ends what is left of a grant that was erased: what waits beside it, and the kept tokens of its user on all
   * connections, if no grant of the same client is left.
   */
  void endLeft(ConnectionKey erased, Deadline deadline) {
    ends.forgetAll(erased);
    kept.settle(erased.user(), forTheIssuers(deadline));
  }

  /** Deletes all that waits for a connection. The tokens are kept until {@link #endReplaced} revokes them. */
  public void forgetWaiting(ConnectionKey connection) {
    ends.forgetAll(connection);
  }

  private static Deadline forTheIssuers(Deadline deadline) {
    return Deadline.in(deadline.remaining().minus(FOR_FORGETTING));
  }

  /**
   * Deletes a grant. Its token is kept before that. If a refresh has renewed the grant in the meantime, the deletion is
   * repeated with the renewed token. A refresh that is still under way finds the row gone, and drops its new tokens. So
   * no lease is needed here. After an attempt that died, waiting for a lease could take longer than this invocation.
   */
  private Deleted deleteKeepingToken(Grant grant) {
    var token = kept.keep(grant);
    var removed = grants.remove(grant);
    if (removed.done()) return new Deleted(grant, token, removed.waited(), Removal.DONE);
    var current = grants.read(grant.key());
    return current.filter(held -> held.id().equals(grant.id())).map(this::deleteKeepingToken)
        .orElseGet(() -> new Deleted(grant, token, Optional.empty(),
            current.isEmpty() ? Removal.LOST : Removal.REPLACED));
  }

  /**
   * A grant as it was when it was deleted, with its access token and session, and its kept token.
   *
   * @param waited what the deleted row has named as waiting; empty also if it is unknown
   */
  private record Deleted(Grant grant, ReplacedToken token, Optional<Waited> waited, Removal how) {}

  private enum Removal {
    DONE,
    /** The connection has no grant any more. An earlier try, whose response got lost, may have seen what waited. */
    LOST,
    /** The connection has the grant of another consent. What waits there waits beside that grant. */
    REPLACED
  }

  /**
   * Revokes tokens that came too late to be stored, or keeps them until they can be revoked. It never fails.
   *
   * @param unkept the grant that is not stored
   * @param current the grant that the connection has
   */
  public void drop(Grant unkept, Optional<Grant> current, Deadline deadline) {
    boolean revoked = current.filter(held -> isHeldBy(held, unkept)).isEmpty()
        && kept.keepOrRevoke(besides(unkept, current), Deadline.in(deadline.remaining().minus(FOR_GOING_ON)))
            .isComplete();
    journal.write("tokens_dropped", Map.of("connection", unkept.key().connection(), "revoked", revoked));
  }

  /** Whether the grant that the connection has uses the same refresh token. */
  private static boolean isHeldBy(Grant held, Grant unkept) {
    var refreshToken = unkept.tokens().refreshToken();
    return refreshToken != null && refreshToken.equals(held.tokens().refreshToken());
  }

  /** Two attempts may have renewed one version of a grant. The token of each attempt is kept in its own row. */
  private static Grant besides(Grant unkept, Optional<Grant> current) {
    boolean sameGrant = current.filter(held -> held.id().equals(unkept.id())).isPresent();
    return sameGrant ? unkept.withId(GrantId.fresh()) : unkept;
  }
}
