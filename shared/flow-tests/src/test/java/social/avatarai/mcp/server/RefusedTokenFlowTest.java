package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.credentials;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;

/** A server refuses a token that cannot be renewed, because there is no refresh token. */
class RefusedTokenFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  /** A token without a refresh token that works, and then does not. */
  private void importRefusedToken() {
    var app = new OtherApp(world);
    var record = app.record();
    credentials(record).remove("refresh_token");
    app.importOne(record);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.status()).isEqualTo("connected");
    world.authorizationServer.expireAccessTokens();
  }

  @Test
  void connectThatIsRefusedSaysWhyAndTheRecordKeepsIt() {
    importRefusedToken();
    var connecting = server.connect(USER);
    assertThat(connecting).isInstanceOf(Connecting.AuthorizationRequired.class);
    var why = ((Connecting.AuthorizationRequired) connecting).why();
    assertThat(why.cause()).isEqualTo("token_rejected_by_resource");
    server.assertOnlyAConsentHelps();
  }

  @Test
  void callThatIsRefusedShowsInTheRecordUntilAConsent() {
    importRefusedToken();
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    server.assertOnlyAConsentHelps();
    server.connectWithConsent();
    var shown = world.flow().server(USER, ServerWorld.MCP_ID);
    assertThat(shown.path("status").asText()).isEqualTo("connected");
    assertThat(shown.path("cause").isNull()).isTrue();
    assertThat(shown.path("error").isNull()).isTrue();
  }
}
