package social.avatarai.mcp.authorization;

import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.token.AccountChanges;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantWriter;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.Grants.StoreResult;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.ReplacedGrants;
import social.avatarai.mcp.token.Revocation;

/**
 * Writes the grant of a consent, and ends the grant that it replaces.
 *
 * <p>The write is conditional, because a consent at another issuer may have ended since the flow began. Then nothing is
 * replaced, and the tokens of this consent are revoked.
 */
public final class ConsentWriter {
  private final Grants grants;
  private final GrantWriter writer;
  private final ReplacedGrants replaced;
  private final Revocation revocation;
  private final Profiles profiles;
  private final ContinuedGrant continued;
  private final AccountChanges changes;

  public ConsentWriter(Grants grants, GrantWriter writer, ReplacedGrants replaced, Revocation revocation,
      Profiles profiles, ContinuedGrant continued, AccountChanges changes) {
    this.grants = grants;
    this.writer = writer;
    this.replaced = replaced;
    this.revocation = revocation;
    this.profiles = profiles;
    this.continued = continued;
    this.changes = changes;
  }

  /**
   * Writes the grant; {@code issuer_conflict} if the connection has a grant that may not be replaced, {@code
   * account_changed} if it has a grant of another account. Then this grant waits for the user's decision.
   */
  Grant write(Grant given, Replaceable replaceable, Deadline deadline) {
    // A decision replaces only the grant that names this one. The grant before may be a newer one of the same account.
    if (replaceable instanceof Replaceable.DecidedAccount) return store(given, replaceable, deadline);
    boolean givesNoSecond = givesNoSecondRefreshToken(given);
    return needsRefreshTokenOfBefore(given, givesNoSecond)
        ? continued.store(given, givesNoSecond, deadline).orElseGet(() -> store(given, replaceable, deadline))
        : store(given, replaceable, deadline);
  }

  private Grant store(Grant grant, Replaceable replaceable, Deadline deadline) {
    while (true) {
      switch (writer.write(grant, deadline, () -> grants.store(grant, replaceable))) {
        case StoreResult.Kept kept -> {
          replaced.keepOrRevoke(kept, grant, deadline);
          return grant;
        }
        case StoreResult.Refused _ -> {
          drop(grant, replaceable, deadline);
          throw refused(replaceable);
        }
        case StoreResult.OtherAccount(var held) -> {
          if (letWait(grant, held, deadline)) throw AccountChanges.changed();
        }
      }
    }
  }

  /** Lets the grant wait beside the one of another account; false if the connection has yet another one by now. */
  private boolean letWait(Grant grant, Grant held, Deadline deadline) {
    try {
      return changes.hold(grant, held, deadline);
    } catch (RuntimeException e) {
      changes.drop(grant, Optional.of(held), deadline);
      throw e;
    }
  }

  /** Drops the tokens of a grant that is not stored. If it waits, it waits no more. */
  void drop(Grant grant, Replaceable replaceable, Deadline deadline) {
    if (replaceable instanceof Replaceable.DecidedAccount) {
      changes.drop(grant, Optional.empty(), deadline);
    } else {
      revocation.drop(grant, Optional.empty(), deadline);
    }
  }

  private static Failure refused(Replaceable replaceable) {
    return replaceable instanceof Replaceable.DecidedAccount
        ? AccountChanges.unknown()
        : new Failure.BadRequest(ErrorCode.ISSUER_CONFLICT,
            "Meanwhile the connection got a grant of another authorization server; it stays. To put another one "
                + "in its place, start with replace=true.");
  }

  /**
   * Whether a consent without a refresh token may keep the one before. It may if a profile says that the issuer gives no
   * second one, or if the account is known: then both consents can be seen to belong to the same account.
   */
  private static boolean needsRefreshTokenOfBefore(Grant given, boolean givesNoSecond) {
    return given.tokens().refreshToken() == null && (givesNoSecond || given.tokens().identity() != null);
  }

  private boolean givesNoSecondRefreshToken(Grant given) {
    return profiles.of(given.target().issuer()).filter(Profile::secondConsentGivesNoRefreshToken).isPresent();
  }
}
