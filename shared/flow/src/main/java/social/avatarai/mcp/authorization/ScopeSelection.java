package social.avatarai.mcp.authorization;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;

/**
 * Which scopes to ask for: the caller's > the challenge's > the resource metadata's > the registration's > none (MCP
 * specification, scope selection strategy). Pure.
 *
 * @param scope what is asked for
 * @param offlineAccessAdded whether {@code offline_access} among them is our own idea
 */
record ScopeSelection(Scopes scope, boolean offlineAccessAdded) {
  private static final String OFFLINE_ACCESS = "offline_access";

  /**
   * What there is to choose from.
   *
   * @param explicit the caller's; null when it gave none
   * @param challenged the challenge's
   * @param resource {@code scopes_supported} of the resource
   * @param registered those of the client's registration
   * @param issuer {@code scopes_supported} of the authorization server
   * @param offlineAccessRefused whether this connection has seen {@code offline_access} refused
   */
  record Sources(@Nullable Scopes explicit, Scopes challenged, Scopes resource, Scopes registered, Scopes issuer,
      boolean offlineAccessRefused) {}

  static ScopeSelection select(Sources from) {
    // SEP-2207: only where the issuer lists it. Many give no refresh token without it, others refuse the unknown scope.
    boolean listed = from.issuer().contains(OFFLINE_ACCESS);
    // A registration that we made names what we added: it is our own idea there too.
    var registered = listed ? from.registered().without(OFFLINE_ACCESS) : from.registered();
    var selected = firstNonEmpty(from.challenged(), from.resource(), registered);
    // What is refused here is not asked for again, whoever lists it; the caller's own word stands.
    if (from.offlineAccessRefused()) selected = selected.without(OFFLINE_ACCESS);
    var chosen = from.explicit() != null ? from.explicit() : selected;
    boolean add = listed && !from.offlineAccessRefused() && !chosen.contains(OFFLINE_ACCESS);
    return new ScopeSelection(add ? chosen.with(OFFLINE_ACCESS) : chosen, add);
  }

  private static Scopes firstNonEmpty(Scopes... candidates) {
    for (var candidate : candidates)
      if (!candidate.isEmpty()) return candidate;
    return Scopes.none();
  }
}
