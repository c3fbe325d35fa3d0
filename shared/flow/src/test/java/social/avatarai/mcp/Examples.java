package social.avatarai.mcp;

import java.time.Instant;
import java.util.Set;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Replaceable;

/** One user, one MCP server and one issuer, which most tests use. */
public final class Examples {
  public static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  public static final Issuer ISSUER = new Issuer("https://auth.example");
  public static final ResourceUri RESOURCE = new ResourceUri("https://mcp.example/mcp");
  public static final EndpointUrl SERVER = new EndpointUrl("https://mcp.example/mcp");
  public static final EndpointUrl TOKEN_ENDPOINT = new EndpointUrl("https://auth.example/token");
  public static final GrantTarget TARGET = new GrantTarget(ISSUER, TOKEN_ENDPOINT, RESOURCE, SERVER);
  public static final RedirectUri REDIRECT_URI = new RedirectUri("https://app.example/api/mcp/oauth/callback");
  public static final UserId ALICE = new UserId("did:plc:alice");

  private Examples() {}

  /** A pending session for this target. */
  public static AuthorizationSession session(GrantTarget target, boolean issExpected) {
    var client = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.DYNAMIC, new ClientId("client-1"),
        ClientAuthenticationMethod.NONE);
    return new AuthorizationSession(new State("state-1").key(),
        new ConnectionKey(ALICE, ConnectionId.ofResource(target.resource())), target, client, request(issExpected),
        new AuthorizationSession.Binding(new BrowserKey("browser-1").hash(), null), Set.of(),
        new Replaceable.SameIssuer(), NOW.plusSeconds(600),
        AuthorizationSession.Status.PENDING, null, false);
  }

  private static AuthorizationSession.Request request(boolean issExpected) {
    // The verifier and challenge of RFC 7636 appendix B.
    return new AuthorizationSession.Request(REDIRECT_URI, null,
        new CodeVerifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Scopes.parse("read write"), false,
        issExpected);
  }
}
