package social.avatarai.mcp.authorization;

import java.util.Set;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.State;
import social.avatarai.mcp.token.Grant.Warning;

/**
 * A flow that has begun.
 *
 * @param authorizationUrl where the browser must go
 * @param state the {@code state} of the flow
 * @param browser the key to give to the browser
 * @param trusted what the user is about to trust
 * @param warnings what the user should know before the consent
 */
public record AuthorizationStarted(String authorizationUrl, State state, BrowserKey browser, Trusted trusted,
    Set<Warning> warnings) {
  public AuthorizationStarted {
    warnings = Set.copyOf(warnings);
  }

  /**
   * What a consent trusts.
   *
   * @param issuer the authorization server that the browser is sent to
   * @param resource the resource that the tokens will be for
   * @param scope the scopes that are requested; none if the authorization server chooses
   */
  public record Trusted(Issuer issuer, ResourceUri resource, Scopes scope) {}
}
