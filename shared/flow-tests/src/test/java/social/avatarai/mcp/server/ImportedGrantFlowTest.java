package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.credentials;
import static social.avatarai.mcp.world.OtherApp.refreshTokenOf;
import static social.avatarai.mcp.world.OtherApp.withoutSecrets;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;

import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.Tokens;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.UsersClient;

/** Live tokens in a record become the grant of its connection. */
class ImportedGrantFlowTest {
  private static final String BASIC = "Basic "
      + Base64.getEncoder().encodeToString(("client-by-hand:" + UsersClient.SECRET).getBytes(UTF_8));

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    world.close();
  }

  private Grant grant() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID)).orElseThrow();
  }

  private boolean hasNoGrant() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID)).isEmpty();
  }

  private ConnectionView connection() {
    return world.flow().connection(USER, MCP_ID);
  }

  private void renew() {
    world.clock.advance(Duration.ofMinutes(10));
    world.flow().refresh(USER, new What.Stored(MCP_ID), deadline());
  }

  @Test
  void importedTokenIsUsedWithoutAnyRequestToItsIssuer() {
    var record = app.record();
    int before = world.authorizationServer.tokenRequests().size();
    var result = app.importOne(record);
    assertThat(result.status()).isEqualTo(ServerImport.Status.CREATED);
    assertThat(result.tokens()).isEqualTo(LiveGrants.Outcome.IMPORTED);
    assertThat(server.status()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(ServerWorld.isConnected(server.connect(USER))).isTrue();
    assertThat(world.authorizationServer.tokenRequests()).hasSize(before);
  }

  @Test
  void noSecretOfAnImportComesBackOutOrIsStoredInTheClear() {
    var tokens = app.consent();
    var result = app.importOne(app.record(tokens));
    var got = world.flow().server(USER, MCP_ID);
    assertThat(result + "\n" + ((ServerImport.Result.Imported) result).shown() + "\n" + got + "\n" + world.servers(USER)
        + world.log()
        + world.everythingStored()).doesNotContain(tokens.accessToken().reveal(), refreshTokenOf(tokens),
            UsersClient.SECRET);
    assertThat(credentials(got).path("has_access_token").asBoolean()).isTrue();
    assertThat(credentials(got).path("has_refresh_token").asBoolean()).isTrue();
    assertThat(config(got).path("has_client_secret").asBoolean()).isTrue();
    assertThat(credentials(got).path("scope").asText()).isEqualTo(tokens.scope().toString());
  }

  @Test
  void expiredTokenIsRenewedAtItsIssuerWithTheUsersOwnClient() {
    var tokens = app.consent();
    world.clock.advance(Duration.ofHours(3));
    app.importOne(app.record(tokens));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    var refresh = world.authorizationServer.tokenRequests().getLast();
    assertThat(refresh.parameters()).containsEntry("refresh_token", refreshTokenOf(tokens))
        .containsEntry("resource", world.mcpServer.url());
    assertThat(refresh.header("authorization")).contains(BASIC);
    assertThat(grant().version()).isEqualTo(2);
  }

  @Test
  void expiredTokenIsDueAtOnceForTheSchedule() {
    var tokens = app.consent();
    world.clock.advance(Duration.ofHours(3));
    app.importOne(app.record(tokens));
    world.clock.advance(Duration.ofMinutes(1));
    world.refreshDue();
    assertThat(world.authorizationServer.refreshTokensSent()).containsExactly(refreshTokenOf(tokens));
    assertThat(grant().version()).isEqualTo(2);
  }

  @Test
  void tokenThatEndsSoonIsRenewedByTheScheduleBeforeItsEnd() {
    var tokens = app.consent();
    world.clock.advance(Duration.ofMinutes(57));
    app.importOne(app.record(tokens));
    world.clock.advance(Duration.ofMinutes(3));
    world.refreshDue();
    assertThat(world.authorizationServer.refreshTokensSent()).containsExactly(refreshTokenOf(tokens));
  }

  @Test
  void tokenWithoutAnExpiryIsUsedUntilItIsRefused() {
    var record = app.record();
    credentials(record).put("expires_at", "0001-01-01T00:00:00Z").put("expires_in", 0).remove("refresh_token");
    record.withObject("/authorization").put("expireAt", -62135596800L);
    app.importOne(record);
    assertThat(grant().tokens().expiresAt()).isNull();
    assertThat(connection().warnings()).contains(Warning.LONG_LIVED_TOKEN);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    world.authorizationServer.expireAccessTokens();
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    server.assertOnlyAConsentHelps();
  }

  @Test
  void tokenWithoutAnExpiryIsUsedForDaysAndRenewedWhenItIsRefused() {
    world.authorizationServer.adjust(knobs -> knobs.accessTokenLifetime(Duration.ofDays(365)));
    var tokens = app.consent();
    var record = app.record(tokens);
    credentials(record).put("expires_at", "0001-01-01T00:00:00Z").put("expires_in", 0);
    record.withObject("/authorization").put("expireAt", -62135596800L);
    app.importOne(record);
    world.clock.advance(Duration.ofDays(20));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.refreshes()).as("nothing says that the token has ended").isZero();

    world.authorizationServer.expireAccessTokens();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.authorizationServer.refreshTokensSent()).containsExactly(refreshTokenOf(tokens));
    assertThat(server.status()).isEqualTo("connected");
  }

  @Test
  void importOfTheSameDocumentKeepsTheGrantHoweverOftenItWasRenewed() {
    var record = app.record();
    app.importOne(record);
    for (int renewals = 0; renewals < 3; renewals++) {
      var before = grant();
      var again = app.importOne(record);
      assertThat(again.status()).isEqualTo(ServerImport.Status.UPDATED);
      assertThat(again.tokens()).isEqualTo(LiveGrants.Outcome.OLDER);
      assertThat(grant()).isEqualTo(before);
      renew();
    }
    app.importOne(record);
    world.clock.advance(Duration.ofHours(2));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.authorizationServer.refreshTokensSent()).doesNotHaveDuplicates().hasSize(4);
  }

  @Test
  void newerTokensReplaceTheGrantLikeANewConsent() {
    app.importOne(app.record());
    renew();
    world.clock.advance(Duration.ofMinutes(10));
    var newer = app.consent();
    assertThat(app.importOne(app.record(newer)).tokens()).isEqualTo(LiveGrants.Outcome.IMPORTED);
    assertThat(grant().tokens().accessToken()).isEqualTo(newer.accessToken());
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-2");
    assertThat(world.authorizationServer.revocations()).as("kept as after a consent of the same client").isEmpty();
    assertThat(world.replacedTokens().of(new ConnectionKey(USER.user(), MCP_ID))).hasSize(1);
  }

  @Test
  void tokensOfADeadGrantAreReplacedByAnyOthers() {
    var older = app.consent();
    world.clock.advance(Duration.ofMinutes(10));
    var dead = app.consent();
    app.importOne(app.record(dead));
    world.authorizationServer.revoke(refreshTokenOf(dead));
    world.clock.advance(Duration.ofMinutes(2));
    world.flow().refresh(USER, new What.Stored(MCP_ID), deadline());
    assertThat(server.status()).isEqualTo("reauthorization_required");
    assertThat(app.importOne(app.record(older)).tokens()).isEqualTo(LiveGrants.Outcome.IMPORTED);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void withoutItsClientTheAccessTokenIsUsedAndTheRefreshTokenWaitsForTheClient() {
    var record = app.record();
    var clientless = record.deepCopy();
    config(clientless).remove("client_id");
    config(clientless).remove("client_secret");
    var result = app.importOne(clientless);
    assertThat(result.tokens()).isEqualTo(LiveGrants.Outcome.IMPORTED_WITHOUT_REFRESH);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(grant().tokens().refreshToken()).isNull();
    var shown = world.flow().server(USER, MCP_ID);
    assertThat(credentials(shown).path("has_refresh_token").asBoolean()).isTrue();
    // The client is named later, without the tokens.
    var named = withoutSecrets(record);
    config(named).put("client_secret", UsersClient.SECRET);
    server.put(named);
    world.clock.advance(Duration.ofHours(2));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.authorizationServer.revocations()).as("nothing was revoked in between").isEmpty();
  }

  @Test
  void refreshTokenThatWaitsForItsClientSurvivesEveryOtherChangeOfTheRecord() {
    var record = app.record();
    var clientless = record.deepCopy();
    config(clientless).remove("client_id");
    config(clientless).remove("client_secret");
    app.importOne(clientless);
    server.put(withoutSecrets(clientless).put("name", "renamed"));
    assertThat(app.importOne(clientless.put("name", "imported again")).tokens())
        .isEqualTo(LiveGrants.Outcome.IMPORTED_WITHOUT_REFRESH);
    world.clock.advance(Duration.ofHours(2));
    server.put(withoutSecrets(clientless).put("name", "renamed when the access token was over"));
    var named = withoutSecrets(record);
    config(named).put("client_secret", UsersClient.SECRET);
    server.put(named);
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.status()).isEqualTo("connected");
  }

  @Test
  void refreshTokenThatWaitsForItsClientEndsWithANewConsent() {
    var clientless = app.record();
    config(clientless).remove("client_id");
    config(clientless).remove("client_secret");
    app.importOne(clientless);
    world.clock.advance(Duration.ofHours(2));
    server.connectWithConsent();
    var consented = grant();
    server.put(withoutSecrets(clientless).put("name", "renamed"));
    assertThat(grant()).isEqualTo(consented);
  }

  @Test
  void importAfterADisconnectionConnectsAgainUntilTheRevokedTokensAreRefused() {
    var record = app.record();
    app.importOne(record);
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(server.status()).isEqualTo("disconnected");
    assertThat(app.importOne(withoutSecrets(record)).tokens()).isEqualTo(LiveGrants.Outcome.NONE);
    assertThat(server.status()).as("without tokens it stays").isEqualTo("disconnected");
    assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.IMPORTED);
    assertThat(server.status()).isEqualTo("connected");
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertThat(server.status()).isEqualTo("reauthorization_required");
  }

  @Test
  void recordThatItsAppHasChangedDoesNotBringBackASpentRefreshToken() {
    var tokens = app.consent();
    var record = app.record(tokens);
    credentials(record).remove("expires_at");
    record.put("updatedAt", world.clock.instant().getEpochSecond());
    app.importOne(record);
    renew();
    var renewed = grant();
    world.clock.advance(Duration.ofMinutes(10));
    // The app renames its record, which still has the tokens of the first consent.
    record.put("name", "renamed").put("updatedAt", world.clock.instant().getEpochSecond());
    assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.OLDER);
    assertThat(grant()).isEqualTo(renewed);
    world.clock.advance(Duration.ofHours(2));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void endInTheFutureDoesNotMakeSpentTokensNewEachTime() {
    var record = app.record();
    credentials(record).put("expires_at", "2099-01-01T00:00:00Z").put("expires_in", 3600);
    app.importOne(record);
    for (int renewals = 0; renewals < 3; renewals++) {
      renew();
      var renewed = grant();
      assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.OLDER);
      assertThat(grant()).isEqualTo(renewed);
    }
  }

  @Test
  void refreshTokenThatTheLastRefreshHasUsedUpIsOlderWhateverTheRecordSays() {
    var record = app.record();
    app.importOne(record);
    renew();
    var renewed = grant();
    world.clock.advance(Duration.ofMinutes(10));
    var now = world.clock.instant();
    credentials(record).put("access_token", "an-invented-access-token").put("expires_in", 3600)
        .put("expires_at", now.plusSeconds(3600).toString());
    assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.OLDER);
    assertThat(grant()).isEqualTo(renewed);
  }

  @Test
  void grantWithoutAClientEndsWithoutARevocation() {
    var record = app.record();
    config(record).remove("client_id");
    config(record).remove("client_secret");
    credentials(record).remove("refresh_token");
    assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.IMPORTED);
    assertThat(server.disconnect(USER)).isFalse();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(server.status()).isEqualTo("disconnected");
  }

  @Test
  void clientOfTheDeploymentIsNeverUsedOnARecordsWord() {
    var deployments = world.register(OPERATOR, Json.newObject());
    String id = deployments.path("client_id").asText();
    assertThat(deployments.path("client_secret").asText()).isNotEmpty();
    var record = app.record();
    config(record).put("client_id", id).remove("client_secret");
    app.importOne(record);
    assertThat(grant().client().owner()).isEqualTo(Owner.of(USER.user()));
    world.clock.advance(Duration.ofHours(2));
    FlowWorld.assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> server.access(USER));
    var refresh = world.authorizationServer.tokenRequests().getLast();
    assertThat(refresh.parameters()).containsEntry("client_id", id).doesNotContainKey("client_secret");
    assertThat(refresh.header("authorization")).isEmpty();
  }

  @Test
  void disconnectionRevokesImportedTokensAndForgetsThemAll() {
    var tokens = app.consent();
    app.importOne(app.record(tokens));
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(world.authorizationServer.revocations()).singleElement()
        .satisfies(request -> assertThat(request.parameters()).containsEntry("token", refreshTokenOf(tokens)));
    server.put(withoutSecrets(app.record(tokens)));
    assertThat(hasNoGrant()).isTrue();
  }

  @Test
  void tokensWaitInTheRecordWhileTheirIssuerCannotBeAsked() {
    var record = app.record();
    world.restartWhileMetadataFails();
    var result = app.importOne(record);
    assertThat(result.tokens()).isEqualTo(LiveGrants.Outcome.KEPT);
    assertThat(hasNoGrant()).isTrue();
    var shown = world.flow().server(USER, MCP_ID);
    assertThat(shown.at("/error/code").asText()).isEqualTo("upstream_unreachable");
    assertThat(credentials(shown).path("has_refresh_token").asBoolean()).isTrue();
    world.clock.advance(Duration.ofMinutes(1));
    var bound = server.put(withoutSecrets(record));
    assertThat(bound.path("status").asText()).isEqualTo("connected");
    assertThat(bound.path("error").isNull()).isTrue();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void waitingTokensGoToNoOtherUrlIssuerOrClient() {
    var record = app.record();
    world.restartWhileMetadataFails();
    assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.KEPT);
    world.clock.advance(Duration.ofMinutes(1));
    var moved = withoutSecrets(record);
    moved.withObject("/endpoint").put("url", world.mcpServer.url() + "/other");
    server.put(moved);
    server.put(withoutSecrets(record));
    assertThat(hasNoGrant()).as("the tokens ended with the URL").isTrue();
  }

  @Test
  void connectionSaysThatItsIssuerIsKnownByTheRecordAlone() {
    app.importOne(app.record());
    assertThat(connection().warnings()).contains(Warning.ISSUER_BY_RECORD);
    assertThat(connection().issuer()).hasToString(world.authorizationServer.issuer());
  }

  @Test
  void whereTheServersMetadataIsKnownTheIssuerIsNotByTheRecordAlone() {
    var record = app.record();
    world.flow().discoverResource(USER, world.url(), deadline());
    app.importOne(record);
    assertThat(connection().warnings()).doesNotContain(Warning.ISSUER_BY_RECORD);
  }

  @Test
  void recordThatIsSwitchedOffKeepsItsTokensUnused() {
    app.importOne(app.record().put("enabled", false));
    world.clock.advance(Duration.ofHours(1));
    world.refreshDue();
    assertThat(world.authorizationServer.refreshTokensSent()).isEmpty();
    FlowWorld.assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
    assertThat(connection().status()).isEqualTo(Status.CONNECTED);
  }

  @Test
  void metadataOfAnIssuerIsAskedForOnceForAllItsRecords() {
    var tokens = app.consent();
    world.restart();
    int before = world.authorizationServer.metadataRequests().size();
    var other = app.record(tokens).put("mcpId", "another-server");
    app.importAs(USER, app.record(tokens), other);
    assertThat(world.authorizationServer.metadataRequests()).hasSize(before + 1);
    assertThat(Objects.requireNonNull(world.flow().connection(USER, MCP_ID).expiresAt())).isEqualTo(expiry(tokens));
  }

  private static Object expiry(Tokens tokens) {
    return Objects.requireNonNull(tokens.expiresAt());
  }
}
