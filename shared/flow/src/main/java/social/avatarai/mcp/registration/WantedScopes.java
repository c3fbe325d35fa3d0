package social.avatarai.mcp.registration;

import social.avatarai.mcp.Scopes;

/**
 * The scopes that a flow will request.
 *
 * @param scope the scopes
 * @param offlineAccessAdded whether we added {@code offline_access} to them
 */
public record WantedScopes(Scopes scope, boolean offlineAccessAdded) {
  private static final String OFFLINE_ACCESS = "offline_access";

  Scopes withoutOffline() {
    return withoutOffline(scope);
  }

  static Scopes withoutOffline(Scopes scopes) {
    return scopes.without(OFFLINE_ACCESS);
  }

  /** The same after a refusal of {@code offline_access}. */
  WantedScopes afterOfflineRefusal() {
    return offlineAccessAdded ? new WantedScopes(withoutOffline(), false) : this;
  }
}
