package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.Set;

import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.token.Grant.Warning;

/** The first version of a grant. */
public final class NewGrant {
  private NewGrant() {}

  public static Grant of(AuthorizationSession session, Tokens tokens, Set<Warning> warnings, Instant now) {
    return new Grant(session.connection(), GrantId.fresh(), 1, session.target(), session.client(), tokens,
        GrantState.healthy(now, RefreshTiming.dueMinute(tokens, now, now)), warnings, null);
  }

  /** The same with the refresh token of the grant before: its issuer gives a user one refresh token, the first time. */
  public static Grant withRefreshTokenOf(Grant before, Grant given, Instant now) {
    var tokens = given.tokens();
    var kept = new Tokens(tokens.accessToken(), before.tokens().refreshToken(), tokens.scope(), tokens.obtainedAt(),
        tokens.expiresAt());
    return new Grant(given.key(), given.id(), given.version(), given.target(), given.client(), kept,
        GrantState.healthy(now, RefreshTiming.dueMinute(kept, now, now)), given.warnings(), given.wire(),
        given.enabled());
  }
}
