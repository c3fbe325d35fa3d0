package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * What may be shown of a grant: everything except its tokens, the query of its server's URL, and other sealed
 * attributes.
 *
 * @param key the user and the connection
 * @param target the issuer and the resource
 * @param client our client identity at the issuer
 * @param scope the granted scopes
 * @param expiresAt when the access token expires; null if the issuer does not say
 * @param renewable whether there is a refresh token
 * @param state the state of the grant
 * @param warnings what the user and the operator should know
 */
public record GrantSummary(ConnectionKey key, GrantTarget target, ClientIdentity client, Scopes scope,
    @Nullable Instant expiresAt, boolean renewable, GrantState state, Set<Grant.Warning> warnings) {

  public GrantSummary {
    target = target.withoutQuery();
    warnings = Set.copyOf(warnings);
  }

  public static GrantSummary of(Grant grant) {
    var tokens = grant.tokens();
    return new GrantSummary(grant.key(), grant.target(), grant.client(), tokens.scope(), tokens.expiresAt(),
        tokens.refreshToken() != null, grant.state(), grant.warnings());
  }

  /** Whether the access token has expired. */
  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /** What the user should know: the stored warnings, and the warning that follows from the client. */
  public Set<Grant.Warning> shownWarnings() {
    return Grant.Warning.of(warnings, client);
  }
}
