package social.avatarai.mcp.token;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.registration.ClientIdentity;

/**
 * What may be shown of a grant: everything except its tokens, the query of its server's URL, and other sealed
 * attributes that are not for its user.
 *
 * @param key the user and the connection
 * @param target the issuer and the resource
 * @param client our client identity at the issuer
 * @param scope the granted scopes
 * @param expiresAt when the access token expires; null if the issuer does not say
 * @param renewable whether there is a refresh token
 * @param state the state of the grant
 * @param warnings what the user and the operator should know
 * @param account the account at the issuer; null if it is not known, or cannot be opened
 * @param accountChange a consent that came back as another account; null if there was none
 */
public record GrantSummary(ConnectionKey key, GrantTarget target, ClientIdentity client, Scopes scope,
    @Nullable Instant expiresAt, boolean renewable, GrantState state, Set<Grant.Warning> warnings,
    @Nullable Account account, @Nullable AccountChange accountChange) {

  public GrantSummary {
    target = target.withoutQuery();
    warnings = Set.copyOf(warnings);
  }

  public static GrantSummary of(Grant grant) {
    var tokens = grant.tokens();
    return new GrantSummary(grant.key(), grant.target(), grant.client(), tokens.scope(), tokens.expiresAt(),
        tokens.refreshToken() != null, grant.state(), grant.warnings(), Account.of(tokens.identity()), null);
  }

  /** Whether the access token has expired. */
  public boolean isExpired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }

  /** What the user should know: the stored warnings, and those that follow from the client and the account. */
  public Set<Grant.Warning> shownWarnings(Instant now) {
    var shown = Grant.Warning.of(warnings, client);
    if (openChange(now) == null) return shown;
    var all = EnumSet.of(Grant.Warning.ACCOUNT_CHANGED);
    all.addAll(shown);
    return all;
  }

  /** The consent of another account that still waits for a decision; null if there is none. */
  public @Nullable AccountChange openChange(Instant now) {
    return accountChange == null || accountChange.isOver(now) ? null : accountChange;
  }
}
