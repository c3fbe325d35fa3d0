package social.avatarai.mcp.authorization;

import java.time.Clock;
import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.store.Grants;
import social.avatarai.mcp.store.Grants.StoreResult;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantKey;
import social.avatarai.mcp.token.MarkedWrite;
import social.avatarai.mcp.token.NewGrant;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.ReplacedGrants;
import social.avatarai.mcp.token.Revocation;

/**
 * Writes the grant of a consent in the place of what its connection has, and ends what it replaces.
 *
 * <p>The write is conditional: a consent at another issuer may have ended since the flow began. Then nothing is replaced,
 * and the tokens of this consent are revoked.
 */
public final class ConsentWriter {
  private final Grants grants;
  private final MarkedWrite marked;
  private final ReplacedGrants replaced;
  private final Revocation revocation;
  private final Profiles profiles;
  private final Clock clock;

  public ConsentWriter(Grants grants, MarkedWrite marked, ReplacedGrants replaced, Revocation revocation,
      Profiles profiles, Clock clock) {
    this.grants = grants;
    this.marked = marked;
    this.replaced = replaced;
    this.revocation = revocation;
    this.profiles = profiles;
    this.clock = clock;
  }

  /** Writes it; {@code issuer_conflict} where the connection has a grant that it may not replace. */
  Grant write(Grant given, Replaceable replaceable, Deadline deadline) {
    var grant = withRefreshToken(given);
    return switch (marked.of(grant, deadline, () -> grants.store(grant, replaceable))) {
      case StoreResult.Kept(var before) -> {
        before.ifPresent(old -> replaced.keepOrRevoke(old, grant, deadline));
        yield grant;
      }
      case StoreResult.Refused _ -> {
        revocation.drop(given, Optional.empty(), deadline);
        throw new Failure.BadRequest(ErrorCode.ISSUER_CONFLICT,
            "Meanwhile the connection got a grant of another authorization server; it stays.");
      }
    };
  }

  /**
   * A second consent that brings no refresh token: the one before goes on, where a profile says that the issuer gives none
   * again. Elsewhere nobody knows that the second consent is the same account's.
   */
  private Grant withRefreshToken(Grant given) {
    if (given.tokens().refreshToken() != null || !givesRefreshTokenOnce(given)) return given;
    return before(given.key())
        .filter(before -> before.tokens().refreshToken() != null && !before.state().needsReauthorization())
        .filter(before -> before.isOfSameClientAs(given))
        .map(before -> NewGrant.withRefreshTokenOf(before, given, clock.instant())).orElse(given);
  }

  /** The grant that the connection has; none where it cannot be opened. */
  private Optional<Grant> before(GrantKey connection) {
    try {
      return grants.read(connection);
    } catch (Failure.Misconfigured e) {
      return Optional.empty();
    }
  }

  private boolean givesRefreshTokenOnce(Grant given) {
    return profiles.of(given.target().issuer()).filter(Profile::secondConsentGivesNoRefreshToken).isPresent();
  }
}
