package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.store.Grants;

/**
 * Ends a grant: revokes it at its issuer (RFC 7009), then forgets it. An issuer that cannot be reached, or says no, keeps
 * nobody from being forgotten.
 */
public final class Revocation {
  /** What is left for forgetting. */
  private static final Duration FOR_FORGETTING = Duration.ofSeconds(4);
  /** What is left for whoever had to drop tokens. */
  private static final Duration FOR_GOING_ON = Duration.ofSeconds(1);

  private final RevocationEndpoint endpoint;
  private final ReplacedGrants replaced;
  private final Grants grants;
  private final Journal journal;

  public Revocation(RevocationEndpoint endpoint, ReplacedGrants replaced, Grants grants, Journal journal) {
    this.endpoint = endpoint;
    this.replaced = replaced;
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
    /** Nothing was there to be revoked, or nobody was asked. */
    public static final Result NOTHING = new Result(false, null);

    /** This, or the other where this has revoked nothing. */
    public Result or(Result other) {
      return revoked || other.equals(NOTHING) ? this : other;
    }
  }

  /** Ends a grant, and what it has replaced. */
  public Result end(Grant grant, Deadline deadline) {
    var ended = revokeAndForget(grant, deadline);
    // After the grant is gone, so that a token which a callback keeps at this moment is seen here or there.
    boolean complete = replaced.end(grant.key(), deadline).isComplete();
    var result = new Result(ended.revoked() && complete, ended.upstreamStatus());
    journal.write("disconnected", Map.of("connection", grant.key().connection(), "revoked", result.revoked()));
    return result;
  }

  /**
   * Ends what earlier grants have left of a connection that has no grant, as after a process that died in {@link #end}.
   */
  public Result endReplaced(GrantKey connection, Deadline deadline) {
    var ended = replaced.end(connection, deadline);
    return new Result(ended.tokens() > 0 && ended.isComplete(), null);
  }

  /**
   * Where a refresh has renewed it meanwhile, the tokens that were revoked are not its tokens any more: once more, with
   * those. A refresh still under way finds the row gone, and drops what it gets itself. So nobody takes a lease here,
   * which after an attempt that died may last longer than this invocation; what died with an attempt, nobody holds.
   */
  private Result revokeAndForget(Grant grant, Deadline deadline) {
    var result = revoke(grant, Deadline.in(deadline.remaining().minus(FOR_FORGETTING)));
    if (grants.delete(grant)) return result;
    return grants.read(grant.key()).filter(current -> current.id().equals(grant.id()))
        .map(current -> revokeAndForget(current, deadline)).orElse(result);
  }

  /**
   * Revokes tokens that came too late to be kept, as far as that can be done.
   *
   * <p>Not where the connection has a grant of the same issuer and client: some issuers (Google) end all that a user has
   * granted a client with any one token of it. There the refresh token is kept until the connection ends.
   *
   * @param unkept the grant that is not kept
   * @param current what the connection has
   */
  public void drop(Grant unkept, Optional<Grant> current, Deadline deadline) {
    boolean shared = current.filter(held -> unkept.isOfSameClientAs(held)).isPresent();
    if (shared) replaced.keep(unkept, deadline);
    boolean revoked = !shared && revoke(unkept, Deadline.in(deadline.remaining().minus(FOR_GOING_ON))).revoked();
    journal.write("tokens_dropped", Map.of("connection", unkept.key().connection(), "revoked", revoked));
  }

  private Result revoke(Grant grant, Deadline deadline) {
    return endpoint.revoke(RevocableToken.of(grant), deadline);
  }
}
