package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;

/**
 * Ends a grant: forgets it, then revokes its token at its issuer (RFC 7009), unless another grant of the same user, issuer
 * and client would end with it; see {@link KeptTokens}. An issuer that cannot be reached, or says no, does not stop a grant
 * from being forgotten.
 */
public final class Revocation {
  /** What is left of the time when the issuers have been asked. */
  private static final Duration FOR_FORGETTING = Duration.ofSeconds(4);
  /** What is left for a caller that had to drop tokens. */
  private static final Duration FOR_GOING_ON = Duration.ofSeconds(1);

  private final KeptTokens kept;
  private final Grants grants;
  private final Journal journal;

  public Revocation(KeptTokens kept, Grants grants, Journal journal) {
    this.kept = kept;
    this.grants = grants;
    this.journal = journal;
  }

  /**
   * What came of a revocation.
   *
   * @param revoked whether the issuer has revoked all of it
   * @param upstreamStatus the HTTP status of its revocation endpoint; null when none was seen
   */
  public record Result(boolean revoked, @Nullable Integer upstreamStatus) {
    /** There was nothing to revoke, or no issuer was asked. */
    public static final Result NOTHING = new Result(false, null);

    private static Result of(KeptTokens.Ended ended) {
      return new Result(ended.isComplete(), ended.upstreamStatus());
    }

    /** This, or the other where this has revoked nothing. */
    public Result or(Result other) {
      return revoked || other.equals(NOTHING) ? this : other;
    }
  }

  /** Ends a grant. Where it was the last one of its issuer and client, everything kept of that client ends with it. */
  public Result end(Grant grant, Deadline deadline) {
    var token = forgotten(grant);
    var result = Result.of(kept.settle(token, forTheIssuers(deadline)));
    journal.write("disconnected", Map.of("connection", grant.key().connection(), "revoked", result.revoked()));
    return result;
  }

  /**
   * Ends the tokens that earlier grants have left of a connection that has no grant. Empty where there were none, or where
   * another grant keeps them alive.
   */
  public Optional<Result> endReplaced(ConnectionKey connection, Deadline deadline) {
    return Optional.of(kept.settle(connection, forTheIssuers(deadline))).filter(ended -> !ended.isNone())
        .map(Result::of);
  }

  /** Ends the tokens of a user that no grant keeps alive any more, on whatever connection they were left. */
  void endLeft(UserId user, Deadline deadline) {
    kept.settle(user, forTheIssuers(deadline));
  }

  private static Deadline forTheIssuers(Deadline deadline) {
    return Deadline.in(deadline.remaining().minus(FOR_FORGETTING));
  }

  /**
   * Forgets a grant; its token is kept before that. Where a refresh has renewed the grant meanwhile, this is done again with
   * the renewed token. A refresh that is still under way finds the row gone, and drops the tokens it gets itself. So no
   * lease is taken here: after an attempt that died, a lease may last longer than this invocation.
   */
  private ReplacedToken forgotten(Grant grant) {
    var token = kept.keep(grant);
    if (grants.delete(grant)) return token;
    return grants.read(grant.key()).filter(current -> current.id().equals(grant.id())).map(this::forgotten)
        .orElse(token);
  }

  /**
   * Revokes tokens that came too late to be stored, or keeps them until that can be done. It never fails.
   *
   * @param unkept the grant that is not stored
   * @param current what the connection has
   */
  public void drop(Grant unkept, Optional<Grant> current, Deadline deadline) {
    boolean revoked = current.filter(held -> isHeldBy(held, unkept)).isEmpty()
        && kept.keepOrRevoke(besides(unkept, current), Deadline.in(deadline.remaining().minus(FOR_GOING_ON)))
            .isComplete();
    journal.write("tokens_dropped", Map.of("connection", unkept.key().connection(), "revoked", revoked));
  }

  /** Whether the refresh token lives on in the grant that the connection has. */
  private static boolean isHeldBy(Grant held, Grant unkept) {
    var refreshToken = unkept.tokens().refreshToken();
    return refreshToken != null && refreshToken.equals(held.tokens().refreshToken());
  }

  /** Two attempts may have renewed one version of a grant: the token of each is kept in a row of its own. */
  private static Grant besides(Grant unkept, Optional<Grant> current) {
    boolean sameGrant = current.filter(held -> held.id().equals(unkept.id())).isPresent();
    return sameGrant ? unkept.withId(GrantId.fresh()) : unkept;
  }
}
