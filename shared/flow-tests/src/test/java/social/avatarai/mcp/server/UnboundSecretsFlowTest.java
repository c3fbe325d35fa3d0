package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.credentials;
import static social.avatarai.mcp.world.OtherApp.refreshTokenOf;
import static social.avatarai.mcp.world.OtherApp.withoutSecrets;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.token.Tokens;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.UsersClient;

/**
 * A record with a client and tokens, and without their issuer: all of it is kept, nothing of it is sent, until the
 * record names the issuer.
 */
class UnboundSecretsFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    world.close();
  }

  private ObjectNode withoutIssuer(Tokens tokens) {
    var record = app.record(tokens);
    config(record).remove("issuer");
    return record;
  }

  private boolean hasGrant() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID)).isPresent();
  }

  private ObjectNode named() {
    return withoutSecrets(app.record(new Tokens(new AccessToken("unused"), null,
        Scopes.none(), world.clock.instant(), null)));
  }

  @Test
  void recordSaysThatItsIssuerIsRequired() {
    var tokens = app.consent();
    var result = app.importOne(withoutIssuer(tokens));
    assertThat(result.status()).isEqualTo(ServerImport.Status.CREATED);
    assertThat(result.tokens()).isEqualTo(LiveGrants.Outcome.KEPT);
    var shown = world.flow().server(USER, MCP_ID);
    assertThat(shown.path("status").asText()).isEqualTo("issuer_required");
    assertThat(shown.path("cause").asText()).isEqualTo("issuer_required");
    assertThat(config(shown).path("has_client_secret").asBoolean()).isTrue();
    assertThat(credentials(shown).path("has_access_token").asBoolean()).isTrue();
    assertThat(credentials(shown).path("has_refresh_token").asBoolean()).isTrue();
    assertThat(world.flow().connection(USER, MCP_ID).status()).isEqualTo(Status.ISSUER_REQUIRED);
    assertThat(shown + world.log() + world.everythingStored()).doesNotContain(tokens.accessToken().reveal(),
        refreshTokenOf(tokens), UsersClient.SECRET);
  }

  @Test
  void aClientAloneNeedsItsIssuerToo() {
    var record = named();
    config(record).remove("issuer");
    assertThat(server.put(record).path("status").asText()).isEqualTo("issuer_required");
    assertFails(ErrorCode.ISSUER_REQUIRED, () -> server.connect(USER));
  }

  @Test
  void nothingOfItIsSentAnywhere() {
    app.importOne(withoutIssuer(app.consent()));
    int mcp = world.mcpServer.requests().size();
    int issuer = world.authorizationServer.tokenRequests().size();
    assertFails(ErrorCode.ISSUER_REQUIRED, () -> server.connect(USER));
    assertFails(ErrorCode.ISSUER_REQUIRED, () -> server.access(USER));
    world.clock.advance(Duration.ofDays(2));
    world.refreshDue();
    assertThat(world.mcpServer.requests()).hasSize(mcp);
    assertThat(world.authorizationServer.tokenRequests()).hasSize(issuer);
    assertThat(world.authorizationServer.registrations()).isEmpty();
    assertThat(world.clientsStored()).doesNotContain("client-by-hand");
    assertThat(world.flow().server(USER, MCP_ID).at("/error/code").asText()).isEqualTo("issuer_required");
    assertThat(world.flow().server(USER, MCP_ID).at("/error/hint").asText())
        .contains("authorization.config.issuer", "need not be sent again");
  }

  @Test
  void anAccessByUrlDoesNotUseItsTokens() {
    app.importOne(withoutIssuer(app.consent()));
    var access = world.flow().access(USER, new Target.ByUrl(world.url()), GrantWorld.call("whoami"), deadline());
    assertThat(access).isInstanceOf(Access.ConsentNeeded.class);
  }

  /** Otherwise a record that names another token endpoint would read out what no record shows. */
  @Test
  void secretsThatWaitAreNotSentToEndpointsThatWereNotStatedWithThem() {
    app.importOne(withoutIssuer(app.consent()));
    try (var thief = FakeAuthorizationServer.start()) {
      var stating = RecordedIssuers.stating(named(), thief.issuer());
      assertFails(ErrorCode.INVALID_REQUEST, () -> server.put(stating));
      assertThat(thief.tokenRequests()).isEmpty();
    }
    assertThat(world.flow().server(USER, MCP_ID).path("status").asText()).isEqualTo("issuer_required");
  }

  @Test
  void namingTheIssuerLaterBindsWhatWasKept() {
    app.importOne(withoutIssuer(app.consent()));
    var bound = server.put(named());
    assertThat(bound.path("status").asText()).isEqualTo("connected");
    assertThat(config(bound).path("has_client_secret").asBoolean()).isTrue();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    world.clock.advance(Duration.ofHours(2));
    assertThat(saidBy(server.access(USER))).as("renewed with the client's secret").isEqualTo("owner-1");
    // Bound once: after a disconnection nothing is left that could come back.
    server.disconnect(USER);
    server.put(named());
    assertThat(hasGrant()).isFalse();
  }

  @Test
  void recordAsItIsShownPutAgainKeepsWhatWasKept() {
    app.importOne(withoutIssuer(app.consent()));
    var again = server.put(world.flow().server(USER, MCP_ID));
    assertThat(again.path("status").asText()).isEqualTo("issuer_required");
    assertThat(config(again).path("has_client_secret").asBoolean()).isTrue();
    server.put(named());
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void anotherUrlDropsTheTokensAndKeepsTheClient() {
    app.importOne(withoutIssuer(app.consent()));
    var moved = world.flow().server(USER, MCP_ID);
    moved.withObject("/endpoint").put("url", "https://other.example/mcp");
    var shown = server.put(moved);
    assertThat(config(shown).path("has_client_secret").asBoolean()).isTrue();
    assertThat(shown.at("/authorization/credentials").has("has_access_token")).isFalse();
    server.put(named());
    assertThat(hasGrant()).isFalse();
  }

  @Test
  void anotherClientDropsAllOfIt() {
    app.importOne(withoutIssuer(app.consent()));
    var other = named();
    config(other).put("client_id", "another-client");
    assertThat(config(server.put(other)).has("has_client_secret")).isFalse();
    assertThat(hasGrant()).isFalse();
  }

  @Test
  void secretsOfOneIssuerAreNotBoundToAnother() {
    var record = app.record();
    world.restartWhileMetadataFails();
    assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.KEPT);
    world.clock.advance(Duration.ofMinutes(1));
    try (var other = FakeAuthorizationServer.start()) {
      var elsewhere = named();
      config(elsewhere).put("issuer", other.issuer());
      server.put(elsewhere);
      assertThat(hasGrant()).isFalse();
      assertThat(other.tokenRequests()).isEmpty();
    }
  }

  @Test
  void disconnectionForgetsTheTokensAndKeepsTheClient() {
    app.importOne(withoutIssuer(app.consent()));
    server.disconnect(USER);
    var shown = world.flow().server(USER, MCP_ID);
    assertThat(config(shown).path("has_client_secret").asBoolean()).isTrue();
    assertThat(credentials(shown).has("has_access_token")).isFalse();
    server.put(named());
    assertThat(hasGrant()).isFalse();
  }

  @Test
  void deletionLeavesNothing() {
    app.importOne(withoutIssuer(app.consent()));
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(world.servers(USER)).isEmpty();
  }

  @Test
  void tokensOfAServerThatIsNotReachedHereAreKeptAndSentNowhere() {
    var tokens = app.consent();
    world.platform.with(AddressPolicy.publicInternet());
    int metadata = world.authorizationServer.metadataRequests().size();
    var result = app.importOne(app.record(tokens));
    assertThat(result.tokens()).isEqualTo(LiveGrants.Outcome.KEPT);
    var shown = world.flow().server(USER, MCP_ID);
    assertThat(shown.path("status").asText()).isEqualTo("unreachable_here");
    assertThat(credentials(shown).path("has_refresh_token").asBoolean()).isTrue();
    assertThat(hasGrant()).isFalse();
    world.clock.advance(Duration.ofDays(2));
    world.refreshDue();
    assertThat(world.authorizationServer.metadataRequests()).hasSize(metadata);
    assertThat(world.authorizationServer.refreshTokensSent()).isEmpty();
    assertThat(world.everythingStored()).doesNotContain(tokens.accessToken().reveal(), refreshTokenOf(tokens));
  }

  @Test
  void tokensOfAnUnreachableServerAreNotRenewedAtAnIssuerThatCanBeReached() {
    var record = app.record();
    record.withObject("/endpoint").put("url", "https://10.0.0.1/mcp");
    world.clock.advance(Duration.ofHours(3));
    assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.KEPT);
    world.clock.advance(Duration.ofDays(2));
    world.refreshDue();
    assertThat(hasGrant()).isFalse();
    assertThat(world.authorizationServer.refreshTokensSent()).isEmpty();
  }
}
