package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.credentials;
import static social.avatarai.mcp.world.OtherApp.withoutSecrets;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.server.LiveGrants.Outcome;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.TwoIssuers;
import social.avatarai.mcp.world.UsersClient;

/**
 * A record names one issuer, and the server belongs to another one. The record, a call and a connect say the same, and
 * nothing is sent to the other issuer.
 */
class ImportedIssuerFlowTest {
  private final TwoIssuers issuers = new TwoIssuers();
  private final FlowWorld world = issuers.world;
  private final ServerWorld server = new ServerWorld(world);
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    issuers.close();
  }

  private Optional<Grant> grant() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID));
  }

  /** A call, the record and a connect name the same cause, in this order and then once more. */
  private void assertAllSayThatTheIssuerIsNotBound(String status) {
    for (int i = 0; i < 2; i++) {
      assertUnbound(status, () -> server.access(USER));
      assertUnbound(status, () -> server.connect(USER));
    }
  }

  private void assertUnbound(String status, Runnable call) {
    assertThatExceptionOfType(Failure.BadRequest.class).isThrownBy(call::run).satisfies(failure -> {
      assertThat(failure.code()).isEqualTo(ErrorCode.ISSUER_NOT_BOUND);
      var shown = world.flow().server(USER, MCP_ID);
      assertThat(shown.path("status").asText()).isEqualTo(status);
      assertThat(shown.path("cause").asText()).isEqualTo("issuer_not_bound");
      assertThat(shown.at("/error/hint").asText()).startsWith(failure.safeMessage());
    });
  }

  private void metadataIsKnown() {
    world.flow().discoverResource(USER, world.url(), deadline());
  }

  /** The requests to the server that carried a token, since its tokens were given. */
  private long tokensSent() {
    return world.mcpServer.requests().stream().filter(request -> request.header("authorization").isPresent())
        .count();
  }

  @Test
  void tokensOfAnIssuerThatKnownMetadataDoesNotNameAreKeptSealedAndSentNowhere() {
    var record = app.record();
    issuers.naming(issuers.other);
    metadataIsKnown();
    long before = tokensSent();
    int requests = world.authorizationServer.tokenRequests().size();

    assertThat(app.importOne(record).tokens()).isEqualTo(Outcome.KEPT);
    assertThat(grant()).isEmpty();
    var shown = world.flow().server(USER, MCP_ID);
    assertThat(shown.path("cause").asText()).isEqualTo("issuer_not_bound");
    assertThat(credentials(shown).path("has_refresh_token").asBoolean()).isTrue();
    assertAllSayThatTheIssuerIsNotBound("disconnected");
    assertThat(tokensSent()).isEqualTo(before);
    assertThat(world.authorizationServer.tokenRequests()).hasSize(requests);
    issuers.assertNothingBeganAtTheOther();
  }

  @Test
  void keptTokensConnectWithTheNextWriteWhenTheMetadataNamesTheirIssuer() {
    var record = app.record();
    issuers.naming(issuers.other);
    metadataIsKnown();
    app.importOne(record);

    issuers.naming(world.authorizationServer);
    assertThat(server.put(withoutSecrets(record)).path("status").asText()).isEqualTo("connected");
    assertThat(world.flow().server(USER, MCP_ID).path("error").isNull()).isTrue();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void tokensAreKeptWhereTheOperatorHasBoundTheServerToAnotherIssuer() {
    var record = app.record();
    world.mcpServer.adjust(mcp -> mcp.unpublished());
    world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + issuers.other.issuer());
    world.restart();
    assertThat(app.importOne(record).tokens()).isEqualTo(Outcome.KEPT);
    assertAllSayThatTheIssuerIsNotBound("disconnected");
    issuers.assertNothingBeganAtTheOther();
  }

  @Test
  void tokensForStatedEndpointsAreKeptWhereKnownMetadataNamesTheIssuer() {
    var record = RecordedIssuers.stating(app.record(), world.authorizationServer.issuer());
    metadataIsKnown();
    assertThat(app.importOne(record).tokens()).isEqualTo(Outcome.KEPT);
    assertThat(grant()).isEmpty();
    assertAllSayThatTheIssuerIsNotBound("disconnected");
  }

  @Test
  void refusalByAServerThatTurnsOutToBelongToAnotherIssuerShowsInTheRecordAndKeepsTheGrant() {
    var record = app.record();
    issuers.migrate();
    assertThat(app.importOne(record).tokens()).isEqualTo(Outcome.IMPORTED);
    assertThat(server.status()).isEqualTo("connected");
    var imported = grant().orElseThrow();

    assertAllSayThatTheIssuerIsNotBound("resource_rejects");
    assertThat(grant().orElseThrow().tokens()).isEqualTo(imported.tokens());
    world.restart();
    assertThat(app.importOne(record).tokens()).isEqualTo(Outcome.OLDER);
    assertThat(world.flow().connection(USER, MCP_ID).cause()).as("after the same import").isEqualTo("issuer_not_bound");
    assertThat(world.refreshes()).isZero();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    issuers.assertNothingBeganAtTheOther();

    world.mcpServer.moveTo(world.authorizationServer);
    world.clock.advance(Duration.ofHours(2));
    assertThat(ServerWorld.isConnected(server.connect(USER))).isTrue();
    assertThat(server.status()).isEqualTo("connected");
    assertThat(world.flow().server(USER, MCP_ID).path("error").isNull()).isTrue();
  }

  @Test
  void refusedTokenWithoutARefreshTokenSaysTheSame() {
    var record = app.record();
    credentials(record).remove("refresh_token");
    issuers.migrate();
    app.importOne(record);
    assertAllSayThatTheIssuerIsNotBound("reauthorization_required");
    issuers.assertNothingBeganAtTheOther();
  }

  @Test
  void connectBeforeAnyCallSaysTheSame() {
    var record = app.record();
    issuers.migrate();
    app.importOne(record);
    assertUnbound("resource_rejects", () -> server.connect(USER));
    assertUnbound("resource_rejects", () -> server.access(USER));
  }

  @Test
  void grantOfAConsentWhoseServerMovesAwayFromTheIssuerInTheRecordSaysTheSame() {
    var client = new UsersClient(world);
    client.changeSecret(UsersClient.SECRET);
    server.put(client.recordWith(UsersClient.SECRET));
    server.connectWithConsent();
    issuers.migrate();
    assertAllSayThatTheIssuerIsNotBound("resource_rejects");
    assertThat(grant()).isPresent();
    issuers.assertNothingBeganAtTheOther();
  }

  @Test
  void recordThatNamesNoIssuerShowsTheRefusalUntilAConsentAtTheNewIssuer() {
    server.put();
    server.connectWithConsent();
    issuers.migrate();
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(server.status()).isEqualTo("resource_rejects");
    issuers.connected(server.begin());
    assertThat(server.status()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void recordWithAnotherIssuerIsRefusedByTheFirstCallAsByAConnect() {
    var record = app.record();
    issuers.naming(issuers.other);
    server.put(withoutSecrets(record));
    assertThat(config(record).path("issuer").asText()).isEqualTo(world.authorizationServer.issuer());
    assertAllSayThatTheIssuerIsNotBound("disconnected");
  }
}
