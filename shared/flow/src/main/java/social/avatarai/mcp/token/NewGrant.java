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
}
