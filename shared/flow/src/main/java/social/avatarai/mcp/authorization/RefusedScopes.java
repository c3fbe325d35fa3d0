package social.avatarai.mcp.authorization;

import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Registrations;
import social.avatarai.mcp.registration.Registrations.ScopeRefusal;

/** Notes that an issuer has refused the scopes of a flow, so that the next flow asks in another way. */
final class RefusedScopes {
  private RefusedScopes() {}

  /**
   * Notes an {@code invalid_scope}. A client that we registered can be registered for other scopes. With any other
   * client, only {@code offline_access} can be left out, if we added it.
   *
   * @return whether the next flow will ask in another way
   */
  static boolean note(AuthorizationSession session, Registrations registrations) {
    var user = session.connection().user();
    var issuer = session.target().registeredAt();
    var request = session.request();
    if (session.client().origin() == ClientIdentity.Origin.DYNAMIC && !request.scope().isEmpty()) {
      registrations.noteScopeRefused(user, issuer, new ScopeRefusal(session.client().id(), request.scope()));
      return true;
    }
    if (!request.offlineAccessAdded()) return false;
    registrations.noteOfflineAccessRefused(user, session.connection().connection(), issuer);
    return true;
  }
}
