package social.avatarai.mcp.authorization;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;

/**
 * Selects the scopes to request: those of the caller, else those of the challenge, else those of the resource metadata,
 * else those of the registration, else none (MCP specification, scope selection strategy). Pure.
 *
 * @param scope the scopes to request
 * @param offlineAccessAdded whether we added {@code offline_access} to them
 */
record ScopeSelection(Scopes scope, boolean offlineAccessAdded) {
  private static final String OFFLINE_ACCESS = "offline_access";

  /**
   * The scopes to choose from.
   *
   * @param explicit those of the caller; null if the caller names none
   * @param challenged those of the challenge
   * @param resource {@code scopes_supported} of the resource
   * @param registered those of the client's registration
   * @param issuer {@code scopes_supported} of the authorization server
   * @param ofProfile the scopes that the profile of the authorization server adds
   * @param offlineAccessRefused whether {@code offline_access} was refused on this connection
   */
  record Sources(@Nullable Scopes explicit, Scopes challenged, Scopes resource, Scopes registered, Scopes issuer,
      Scopes ofProfile, boolean offlineAccessRefused) {}

  static ScopeSelection select(Sources from) {
    // SEP-2207: only if the issuer lists it. Many issuers give no refresh token without it, others refuse unknown
    // scopes.
    boolean listed = from.issuer().contains(OFFLINE_ACCESS);
    // Our own registration lists offline_access if we added it, so it does not count as registered.
    var registered = listed ? from.registered().without(OFFLINE_ACCESS) : from.registered();
    var selected = firstNonEmpty(from.challenged(), from.resource(), registered);
    // A refused scope is not requested again, even if it is listed. The caller's own scopes stay as they are.
    if (from.offlineAccessRefused()) selected = selected.without(OFFLINE_ACCESS);
    var chosen = from.explicit() != null ? from.explicit() : selected;
    boolean add = listed && !from.offlineAccessRefused() && !chosen.contains(OFFLINE_ACCESS);
    var requested = add ? chosen.with(OFFLINE_ACCESS) : chosen;
    // RFC 6749 §3.3: a request without scopes means the issuer's default, which a scope of the profile would replace.
    return new ScopeSelection(requested.isEmpty() ? requested : requested.union(from.ofProfile()), add);
  }

  private static Scopes firstNonEmpty(Scopes... candidates) {
    for (var candidate : candidates)
      if (!candidate.isEmpty()) return candidate;
    return Scopes.none();
  }
}
