package social.avatarai.mcp.token;

import java.time.Duration;
import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.token.Grants.StoreResult;

/**
 * Ends a grant that the grant of a later consent has replaced.
 *
 * <p>If both have the same issuer and client, the old refresh token is kept, see {@link KeptTokens}. Otherwise the old
 * token is revoked at once, unless the user has a grant of that issuer and client on another connection.
 */
public final class ReplacedGrants {
  /** The maximum time for the issuers of replaced grants in a callback, because a browser is waiting. */
  private static final Duration FOR_THE_ISSUERS = Duration.ofSeconds(5);

  private final KeptTokens kept;
  private final WaitingEnds ends;
  private final ServerSessions sessions;
  private final Journal journal;

  public ReplacedGrants(KeptTokens kept, WaitingEnds ends, ServerSessions sessions, Journal journal) {
    this.kept = kept;
    this.ends = ends;
    this.sessions = sessions;
    this.journal = journal;
  }

  /**
   * Keeps or revokes the grant that a stored one has replaced, ends its MCP session, and ends what waited beside it.
   *
   * <p>It never fails, because the new grant is stored and its code is used up.
   */
  public void keepOrRevoke(StoreResult.Kept stored, Grant by, Deadline deadline) {
    endWaiting(stored, by, deadline);
    stored.replaced().ifPresent(old -> keepOrRevoke(old, by, deadline));
  }

  /** Ends what waited beside a grant that was replaced. It never fails. */
  public void endWaiting(StoreResult.Kept stored, Grant by, Deadline deadline) {
    ends.endReplaced(by, stored.waited(), deadline);
  }

  private void keepOrRevoke(Grant replaced, Grant by, Deadline deadline) {
    if (isLeftAlone(replaced, by)) {
      sessions.end(replaced, deadline);
      return;
    }
    var ended = kept.keepOrRevoke(replaced, () -> {
      sessions.end(replaced, deadline);
      return Deadline.in(deadline.remaining(FOR_THE_ISSUERS));
    });
    journal.write("grant_replaced", Map.of("connection", replaced.key().connection(), "kept", ended.isNone(),
        "revoked", ended.isComplete()));
  }

  /**
   * Whether no token has to be kept. The old grant has only an access token, which ends by itself, or the new grant has
   * the same tokens.
   */
  private static boolean isLeftAlone(Grant replaced, Grant by) {
    var old = replaced.tokens();
    if (!replaced.isOfSameClientAs(by)) return false;
    return old.refreshToken() == null
        ? old.expiresAt() != null || old.accessToken().equals(by.tokens().accessToken())
        : old.refreshToken().equals(by.tokens().refreshToken());
  }
}
