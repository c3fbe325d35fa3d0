package social.avatarai.mcp.testkit;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.Set;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.testkit.FakeGrants.Grant;

/**
 * An authorization server and an MCP server for demonstration. A person with a browser is asked for consent. The fixed
 * values are for the sample events; they can be used many times, only for this resource.
 */
public final class Demo implements AutoCloseable {
  public static final int AUTHORIZATION_SERVER_PORT = 9401;
  public static final int MCP_SERVER_PORT = 9402;

  /** A public client that may use every loopback redirect URI. */
  public static final String CLIENT_ID = "demo-client";
  public static final String CODE = "demo-code";
  /** The verifier for {@link #CODE}, with any redirect URI. */
  public static final String CODE_VERIFIER = "demo-verifier-0000000000000000000000000000000";
  public static final String REFRESH_TOKEN = "demo-refresh-token";
  public static final String ACCESS_TOKEN = "demo-access-token";

  private final FakeAuthorizationServer authorizationServer;
  private final FakeMcpServer mcpServer;

  private Demo(FakeAuthorizationServer authorizationServer, FakeMcpServer mcpServer) {
    this.authorizationServer = authorizationServer;
    this.mcpServer = mcpServer;
  }

  /** Starts both servers on the ports that the sample events name. */
  public static Demo start() {
    return start(AUTHORIZATION_SERVER_PORT, MCP_SERVER_PORT);
  }

  /** Starts both servers on these ports; 0 for any free port. */
  public static Demo start(int authorizationServerPort, int mcpServerPort) {
    var authorizationServer = FakeAuthorizationServer.start(authorizationServerPort,
        AuthorizationServerKnobs::refreshWithoutResource);
    var mcpServer = FakeMcpServer.protectedBy(authorizationServer, mcpServerPort, _ -> {});
    var client = FakeClient.publicClient(CLIENT_ID).named("Demo client").acceptingRedirects(Demo::isLoopback);
    authorizationServer.preRegister(client);
    var grant = new Grant("demo", "demo-user", client, mcpServer.url(), "");
    authorizationServer.keep(grants -> {
      grants.restore(grant);
      grants.putCode(CODE, new FakeGrants.Code(grant, Digest.sha256Base64Url(CODE_VERIFIER), null, Instant.MAX));
      grants.putRefreshToken(REFRESH_TOKEN, grant);
      grants.putAccessToken(ACCESS_TOKEN, new FakeGrants.AccessToken(grant, "", Instant.MAX));
    });
    return new Demo(authorizationServer, mcpServer);
  }

  public String issuer() {
    return authorizationServer.issuer();
  }

  public String mcpUrl() {
    return mcpServer.url();
  }

  public FakeAuthorizationServer authorizationServer() {
    return authorizationServer;
  }

  public FakeMcpServer mcpServer() {
    return mcpServer;
  }

  @Override
  public void close() {
    try (authorizationServer) {
      mcpServer.close();
    }
  }

  private static boolean isLoopback(String redirectUri) {
    try {
      var host = new URI(redirectUri).getHost();
      return host != null && Set.of("localhost", "127.0.0.1", "[::1]").contains(host);
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
