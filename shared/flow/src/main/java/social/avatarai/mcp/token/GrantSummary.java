package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * A grant without its tokens and without anything that is sealed: what may be shown of it.
 *
 * @param key whose, and for which server
 * @param target who gave it, for what
 * @param client who we are to the issuer
 * @param scope what was granted
 * @param expiresAt when the access token ends; null when the issuer does not say
 * @param renewable whether there is a refresh token
 * @param state how it is doing
 * @param warnings what its user and operator should know
 */
public record GrantSummary(ConnectionKey key, GrantTarget target, ClientIdentity client, Scopes scope,
    @Nullable Instant expiresAt, boolean renewable, GrantState state, Set<Grant.Warning> warnings) {

  public GrantSummary {
    warnings = Set.copyOf(warnings);
  }

  public static GrantSummary of(Grant grant) {
    var tokens = grant.tokens();
    return new GrantSummary(grant.key(), grant.target(), grant.client(), tokens.scope(), tokens.expiresAt(),
        tokens.refreshToken() != null, grant.state(), grant.warnings());
  }

  /** Whether its access token has ended, and nothing can renew it. */
  public boolean isOver(Instant now) {
    return !renewable && expiresAt != null && !now.isBefore(expiresAt);
  }

  /** What its user should know: what was noted, and what follows from its client. */
  public Set<Grant.Warning> shownWarnings() {
    return Grant.Warning.of(warnings, client);
  }
}
