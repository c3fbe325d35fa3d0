package social.avatarai.mcp.registration;

import social.avatarai.mcp.Scopes;

/**
 * The scopes that a flow will request.
 *
 * @param scope the scopes
 * @param offlineAccessAdded whether we added {@code offline_access} to them
 * @param refusedByResource those for whose lack the resource has refused a request; none if it has not
 */
public record WantedScopes(Scopes scope, boolean offlineAccessAdded, Scopes refusedByResource) {
  private static final String OFFLINE_ACCESS = "offline_access";

  Scopes withoutOffline() {
    return withoutOffline(scope);
  }

  static Scopes withoutOffline(Scopes scopes) {
    return scopes.without(OFFLINE_ACCESS);
  }

  /** The same after a refusal of {@code offline_access}. */
  WantedScopes afterOfflineRefusal() {
    return offlineAccessAdded ? new WantedScopes(withoutOffline(), false, refusedByResource) : this;
  }
}
