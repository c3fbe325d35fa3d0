package social.avatarai.mcp.token;

import social.avatarai.mcp.Scopes;

/**
 * The scopes of a token response that were not requested. RFC 6749 §6: a refresh must not bring a scope that the user did
 * not grant. The tokens are kept nevertheless, because a refusal would lose the grant of a user who did nothing wrong.
 * Pure.
 */
public final class WidenedScope {
  /** This scope gives a refresh token and no access, and many issuers name it in some responses only. */
  private static final String OFFLINE_ACCESS = "offline_access";

  private WidenedScope() {}

  /** The received scopes beyond those that were asked for; none if it is unknown what was asked for. */
  public static Scopes beyond(Scopes asked, Scopes received) {
    if (asked.isEmpty()) return Scopes.none();
    return new Scopes(received.values().stream()
        .filter(scope -> !scope.equals(OFFLINE_ACCESS) && !asked.contains(scope)).toList());
  }

  /**
   * The scopes of a grant after a refresh: those that the response names and the user has granted. If these are none,
   * the issuer writes its scopes in another way, and the scopes stay.
   */
  static Scopes afterRefresh(Scopes granted, Scopes received) {
    if (beyond(granted, received).isEmpty()) return received;
    var left = new Scopes(granted.values().stream().filter(received::contains).toList());
    return left.isEmpty() ? granted : left;
  }
}
