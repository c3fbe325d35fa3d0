package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.store.Grants;
import social.avatarai.mcp.store.ReplacedTokens;

/**
 * What becomes of a grant that the grant of a later consent has replaced.
 *
 * <p>Of another issuer or client: it is revoked at once. Of the same issuer and client: its refresh token is kept, and
 * revoked when the connection ends, because some issuers end everything of a client on one revocation.
 */
public final class ReplacedGrants {
  /** So many are kept of a connection. One more revokes the oldest. */
  public static final int MAX_KEPT = 5;
  /** What the issuers of replaced grants may take of a callback, whose browser is waiting. */
  private static final Duration FOR_THE_ISSUERS = Duration.ofSeconds(5);
  /** Kept back from a revocation, so that there is time to forget the token. */
  private static final Duration FOR_ONE_WRITE = Duration.ofMillis(500);

  private final ReplacedTokens tokens;
  private final Grants grants;
  private final RevocationEndpoint endpoint;
  private final Clock clock;
  private final Journal journal;

  public ReplacedGrants(ReplacedTokens tokens, Grants grants, RevocationEndpoint endpoint, Clock clock,
      Journal journal) {
    this.tokens = tokens;
    this.grants = grants;
    this.endpoint = endpoint;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * Keeps or revokes a grant that has been replaced.
   *
   * <p>It never fails: the grant that has replaced it is stored, and its code is spent.
   */
  public void keepOrRevoke(Grant replaced, Grant by, Deadline deadline) {
    var share = Deadline.in(deadline.remaining(FOR_THE_ISSUERS));
    withoutFailing(replaced.key(), () -> {
      if (!replaced.isOfSameClientAs(by)) revoke(replaced, share);
      else if (!isLeftAlone(replaced, by)) keepInPlaceOfTheOldest(replaced, share);
    });
  }

  private void withoutFailing(GrantKey connection, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      String detail = e instanceof Failure failure ? failure.detail() : e.getClass().getName();
      journal.write("replaced_token_not_kept", Map.of("connection", connection.connection(), "detail", detail));
    }
  }

  private void revoke(Grant replaced, Deadline deadline) {
    boolean revoked = endpoint.revoke(RevocableToken.of(replaced), Deadline.in(deadline.remaining().dividedBy(2)))
        .revoked();
    // What it had replaced in its turn was kept for the sake of this grant's client, which is of no use now.
    end(replaced.key(), deadline);
    note(replaced, false, revoked);
  }

  /** Whether there is nothing to keep: no refresh token, or one that lives on in the new grant. */
  private static boolean isLeftAlone(Grant replaced, Grant by) {
    var refreshToken = replaced.tokens().refreshToken();
    return refreshToken == null || refreshToken.equals(by.tokens().refreshToken());
  }

  private void keepInPlaceOfTheOldest(Grant replaced, Deadline deadline) {
    var kept = tokens.of(replaced.key());
    for (var oldest : kept.subList(0, Math.max(0, kept.size() - MAX_KEPT + 1)))
      end(oldest, deadline);
    keepWhileShared(replaced, deadline);
    note(replaced, true, false);
  }

  /**
   * Keeps the refresh token of a grant that is not stored, where the connection has another grant of the same issuer and
   * client. It never fails.
   */
  void keep(Grant unkept, Deadline deadline) {
    if (unkept.tokens().refreshToken() == null) return;
    withoutFailing(unkept.key(), () -> keepWhileShared(unkept, deadline));
  }

  /**
   * The connection is looked at again afterwards: if it has ended meanwhile, or has another client now, the token ends
   * here. Who ends a connection looks for kept tokens after its grant is gone, so one of the two sees the other.
   */
  private void keepWhileShared(Grant replaced, Deadline deadline) {
    var token = ReplacedToken.of(replaced, clock.instant());
    tokens.keep(token);
    if (grants.origin(replaced.key()).filter(held -> held.isOfSameClientAs(replaced)).isEmpty()) end(token, deadline);
  }

  /**
   * What became of the tokens that were kept of a connection.
   *
   * @param tokens how many there were
   * @param revoked how many of them their issuer has revoked; all are forgotten
   */
  record Ended(int tokens, int revoked) {
    boolean isComplete() { return revoked == tokens; }
  }

  /** Revokes and forgets all that is kept of a connection. */
  Ended end(GrantKey connection, Deadline deadline) {
    var kept = tokens.of(connection);
    int revoked = 0;
    for (int i = 0; i < kept.size(); i++) {
      var share = Deadline.in(deadline.remaining().dividedBy(kept.size() - i));
      if (end(kept.get(i), share)) revoked++;
    }
    if (!kept.isEmpty()) {
      journal.write("replaced_tokens_ended",
          Map.of("connection", connection.connection(), "tokens", kept.size(), "revoked", revoked));
    }
    return new Ended(kept.size(), revoked);
  }

  private boolean end(ReplacedToken token, Deadline deadline) {
    boolean revoked = RevocableToken.of(token)
        .filter(known -> endpoint.revoke(known, Deadline.in(deadline.remaining().minus(FOR_ONE_WRITE))).revoked())
        .isPresent();
    tokens.forget(token);
    return revoked;
  }

  private void note(Grant replaced, boolean kept, boolean revoked) {
    journal.write("grant_replaced",
        Map.of("connection", replaced.key().connection(), "kept", kept, "revoked", revoked));
  }
}
