package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.record.LiveCredentials;
import social.avatarai.mcp.record.RecordFollower;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantBudget;
import social.avatarai.mcp.token.GrantWriter;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Grants.StoreResult;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.ReplacedGrants;

/**
 * Stores the grant of tokens that a server record brings. It replaces a grant as the grant of a consent does.
 *
 * <p>Unlike the tokens of a consent, these tokens are not revoked if they cannot be stored: their user may still use
 * them elsewhere.
 */
public final class ImportedGrants {
  /** How often the grant that is replaced may change meanwhile. */
  private static final int MAX_TRIES = 3;

  private final Grants grants;
  private final GrantWriter writer;
  private final ReplacedGrants replaced;
  private final Servers servers;
  private final RecordFollower follower;
  private final GrantBudget budget;
  private final Clock clock;

  public ImportedGrants(Grants grants, GrantWriter writer, ReplacedGrants replaced, Servers servers,
      RecordFollower follower, GrantBudget budget, Clock clock) {
    this.grants = grants;
    this.writer = writer;
    this.replaced = replaced;
    this.servers = servers;
    this.follower = follower;
    this.budget = budget;
    this.clock = clock;
  }

  /**
   * Stores a grant, unless the connection has one that stays.
   *
   * @param live the tokens that the grant is made of
   * @param brought whether a record brings them now; otherwise they have waited
   * @return the connection's own grant, if it stays; empty if the given grant is stored
   */
  public Optional<Grant> keep(Grant given, LiveCredentials live, boolean brought, Deadline deadline) {
    budget.requireRoomFor(given.key());
    for (int i = 0; i < MAX_TRIES; i++) {
      var held = readable(given.key());
      if (held.isPresent() && stays(held.get(), given, live, brought)) return held;
      // With a readable grant, exactly this version of it is replaced: a refresh may just have renewed it.
      var stored = writer.write(given, deadline, () -> held.isPresent()
          ? grants.storeInPlaceOf(held.get(), given)
          : grants.store(given, new Replaceable.SameIssuer()));
      if (stored instanceof StoreResult.Kept kept) {
        replaced.keepOrRevoke(kept, given, deadline);
        reconcile(given);
        return Optional.empty();
      }
    }
    throw changed();
  }

  /** The given grant has no refresh token where the record names no client, although the record may bring one. */
  private boolean stays(Grant held, Grant given, LiveCredentials live, boolean brought) {
    boolean endsRenewal = !held.state().needsReauthorization() && held.tokens().refreshToken() != null
        && given.tokens().refreshToken() == null;
    return endsRenewal || !replace(live, brought, held);
  }

  /** Whether a record's tokens take the place of a grant that the connection has. */
  public boolean replace(LiveCredentials live, boolean brought, Grant held) {
    var now = clock.instant();
    boolean over = held.state().needsReauthorization()
        || (held.tokens().refreshToken() == null && held.tokens().isExpired(now));
    return live.replace(held.tokens(), !over, brought, now) && !isSpent(live.refreshToken(), held);
  }

  /** Whether refreshes of this grant have used up the refresh token, whatever the record says about its age. */
  private boolean isSpent(@Nullable RefreshToken token, Grant held) {
    return token != null && grants.isSpent(held, token);
  }

  /** The grant that the connection has; empty if it cannot be opened. */
  private Optional<Grant> readable(ConnectionKey key) {
    try {
      return grants.read(key);
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  /**
   * Checks the record after the write: it may have been changed or deleted meanwhile, without seeing this grant. A
   * built-in record with the same id is not the one that has brought the tokens.
   */
  private void reconcile(Grant grant) {
    var server = servers.find(grant.key()).filter(recorded -> recorded.holds(grant));
    if (server.isPresent()) {
      follower.follow(grant, server.get());
    } else {
      grants.delete(grant);
      throw changed();
    }
  }

  private static Failure changed() {
    return new Failure.BadRequest(ErrorCode.SERVER_CHANGED,
        "The server or its grant was changed while its tokens were imported; import it again.");
  }
}
