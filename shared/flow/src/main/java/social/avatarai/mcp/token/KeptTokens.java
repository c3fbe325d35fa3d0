package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;

/**
 * The tokens of grants that are gone, and the one place that decides when they are revoked.
 *
 * <p>At some issuers (Google) the revocation of any one token ends everything that an account has granted to the client.
 * So a token is kept as long as its user has another grant of the same issuer and client, on any connection, unless that
 * grant is known to be of another account. A grant that waits for its user's decision counts too, see
 * {@link AccountChanges}. The end of the last such grant revokes all kept tokens.
 *
 * <p>A token is kept before its grant is deleted, and the user's grants are read after that. If two connections end at
 * the same time, the one whose grant is deleted last sees no other grant. If a process dies in between, a later call
 * finds the row of the token.
 */
public final class KeptTokens {
  /**
   * The maximum number of kept tokens for one client on one connection. If there is one more, the oldest is deleted.
   */
  public static final int MAX_KEPT = 5;
  /** Time reserved after a revocation, for deleting the token. */
  private static final Duration FOR_ONE_WRITE = Duration.ofMillis(500);
  /** With less time than this, tokens are left to a later call. */
  private static final Duration MIN_FOR_ONE = Duration.ofSeconds(2);

  private final ReplacedTokens tokens;
  private final RevocationEndpoint endpoint;
  private final Clock clock;
  private final Journal journal;

  public KeptTokens(ReplacedTokens tokens, RevocationEndpoint endpoint, Clock clock, Journal journal) {
    this.tokens = tokens;
    this.endpoint = endpoint;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * The result for kept tokens.
   *
   * @param tokens how many tokens were to be revoked; 0 if another grant of the client exists
   * @param revoked how many of these tokens the issuer has revoked
   * @param upstreamStatus the HTTP status of the first revocation; null if there was none
   */
  record Ended(int tokens, int revoked, @Nullable Integer upstreamStatus) {
    static final Ended NONE = new Ended(0, 0, null);
    private static final Ended FAILED = new Ended(1, 0, null);

    boolean isNone() { return tokens == 0; }

    /** Whether there was a token to revoke, and all tokens were revoked. */
    boolean isComplete() {
      return tokens > 0 && revoked == tokens;
    }

    private Ended plus(Ended other) {
      return new Ended(tokens + other.tokens, revoked + other.revoked,
          upstreamStatus == null ? other.upstreamStatus : upstreamStatus);
    }
  }

  /** Keeps the token of a grant that is about to end. */
  ReplacedToken keep(Grant ending) {
    var token = ReplacedToken.of(ending, endpoint.takesAccessTokens(ending.target()), clock.instant());
    tokens.keep(token);
    return token;
  }

  /**
   * Keeps the token of a grant that waits for its user's decision. No kept token is revoked because of it, but of too
   * many the oldest is deleted.
   */
  ReplacedToken keepWaiting(Grant waiting) {
    var token = keep(waiting);
    forgetOldest(waiting.key(), ofClient(token).tokens());
    return token;
  }

  /** Deletes the kept token of a grant that is in use after all. */
  void forget(Grant inUse) {
    forget(ReplacedToken.of(inUse, endpoint.takesAccessTokens(inUse.target()), clock.instant()));
  }

  void forget(ReplacedToken token) {
    tokens.forget(token);
  }

  /** Keeps the token of a grant that is gone, or revokes it. It never fails. */
  Ended keepOrRevoke(Grant gone, Deadline deadline) {
    return keepOrRevoke(gone, () -> deadline);
  }

  /**
   * The same, with a step between the two: when the token is kept, nothing is lost if the process dies.
   *
   * @param beforeRevoking the step, which returns the deadline of the revocation
   */
  Ended keepOrRevoke(Grant gone, Supplier<Deadline> beforeRevoking) {
    try {
      var token = keep(gone);
      return settle(token, gone.tokens().accessToken(), beforeRevoking.get());
    } catch (Failure.Crowded e) {
      // The token stays in its row for a later call.
      return Ended.NONE;
    } catch (RuntimeException e) {
      noteNotKept(gone.key(), e instanceof Failure failure ? failure.detail() : e.getClass().getName());
      return Ended.FAILED;
    }
  }

  /**
   * Revokes and deletes a kept token and all other kept tokens of its client, unless the user still has a grant of that
   * client.
   *
   * @param accessToken the access token of the same grant, for an issuer that cannot revoke refresh tokens; null if it is
   *     not known
   */
  Ended settle(ReplacedToken token, @Nullable AccessToken accessToken, Deadline deadline) {
    var all = ofClient(token);
    if (all.couldEndAGrant(token)) {
      forgetOldest(token.connection(), all.tokens());
      return Ended.NONE;
    }
    return revokeAll(withFirst(token, all.revocable()), accessToken, deadline);
  }

  /** Settles all kept tokens of a user, as far as the time allows. */
  void settle(UserId user, Deadline deadline) {
    for (var connection : tokens.connections(user)) {
      if (!deadline.hasAtLeast(MIN_FOR_ONE)) return;
      settle(new ConnectionKey(user, connection), deadline);
    }
  }

  /**
   * Settles all kept tokens of a connection. Rows that cannot be read are deleted, because their tokens cannot be
   * revoked.
   */
  Ended settle(ConnectionKey connection, Deadline deadline) {
    int unreadable = tokens.forgetUnreadable(connection);
    if (unreadable > 0) noteNotKept(connection, unreadable + " unreadable");
    var total = Ended.NONE;
    for (var token : oneOfEachClient(tokens.of(connection))) {
      if (!total.isNone() && !deadline.hasAtLeast(MIN_FOR_ONE)) break;
      total = total.plus(settleClient(token, deadline));
    }
    return total;
  }

  /** Settles the kept tokens of the client of this one. They may be of several accounts, and only some of them can be revoked. */
  private Ended settleClient(ReplacedToken one, Deadline deadline) {
    var all = ofClient(one);
    var revocable = all.revocable();
    var first = revocable.stream().filter(token -> token.connection().equals(one.connection())).findFirst();
    if (first.isPresent()) return revokeAll(withFirst(first.get(), revocable), null, deadline);
    forgetOldest(one.connection(), all.tokens());
    return Ended.NONE;
  }

  private static List<ReplacedToken> oneOfEachClient(List<ReplacedToken> kept) {
    var ones = new ArrayList<ReplacedToken>();
    for (var token : kept)
      if (ones.stream().noneMatch(token::isOfSameClientAs)) ones.add(token);
    return ones;
  }

  /** A token of the connection that ends comes first, because the caller is shown the issuer's response to it. */
  private static List<ReplacedToken> withFirst(ReplacedToken first, List<ReplacedToken> all) {
    var ordered = new ArrayList<ReplacedToken>();
    all.stream().filter(first::isOfSameGrantAs).forEach(ordered::add);
    all.stream().filter(token -> !first.isOfSameGrantAs(token)).forEach(ordered::add);
    return ordered;
  }

  /** Deletes the oldest tokens without a revocation, because a revocation could end the grant that is in use. */
  private void forgetOldest(ConnectionKey connection, List<ReplacedToken> ofClient) {
    var kept = ofClient.stream().filter(token -> token.connection().equals(connection)).toList();
    for (var oldest : kept.subList(0, Math.max(0, kept.size() - MAX_KEPT))) {
      tokens.forget(oldest);
      noteNotKept(connection, "more than " + MAX_KEPT);
    }
  }

  private Ended revokeAll(List<ReplacedToken> all, @Nullable AccessToken ofFirst, Deadline deadline) {
    int revoked = 0;
    Integer status = null;
    for (int i = 0; i < all.size(); i++) {
      // A token for which no time is left waits in its row for a later call.
      if (!deadline.hasAtLeast(MIN_FOR_ONE) || (i > 0 && !isLeftWithoutGrant(all.get(i)))) break;
      var result = revoke(all.get(i), i == 0 ? ofFirst : null, share(deadline, all.size() - i));
      if (result.revoked()) revoked++;
      if (i == 0) status = result.upstreamStatus();
    }
    if (all.size() > 1) noteEnded(all, revoked);
    return new Ended(all.size(), revoked, status);
  }

  /**
   * This is checked before each revocation. A revocation takes seconds, and the user may have consented again
   * meanwhile.
   */
  private boolean isLeftWithoutGrant(ReplacedToken token) {
    return !ofClient(token).couldEndAGrant(token);
  }

  private ReplacedTokens.OfClient ofClient(ReplacedToken token) {
    return tokens.ofClient(token.connection().user(), token.target().issuer(), token.client().id(), clock.instant());
  }

  private static Deadline share(Deadline deadline, int left) {
    var equal = deadline.remaining().dividedBy(left);
    return Deadline.in(equal.compareTo(MIN_FOR_ONE) < 0 ? deadline.remaining(MIN_FOR_ONE) : equal);
  }

  private Revocation.Result revoke(ReplacedToken token, @Nullable AccessToken accessToken, Deadline deadline) {
    var result = RevocableToken.of(token)
        .map(known -> endpoint.revoke(known, accessToken, Deadline.in(deadline.remaining().minus(FOR_ONE_WRITE))))
        .orElse(Revocation.Result.NOTHING);
    tokens.forget(token);
    return result;
  }

  private void noteEnded(List<ReplacedToken> all, int revoked) {
    var connection = all.getFirst().connection().connection();
    journal.write("replaced_tokens_ended",
        Map.of("connection", connection, "tokens", all.size(), "revoked", revoked));
  }

  private void noteNotKept(ConnectionKey connection, String detail) {
    journal.write("replaced_token_not_kept", Map.of("connection", connection.connection(), "detail", detail));
  }
}
