package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.RecordedIssuers.CLIENT;
import static social.avatarai.mcp.world.RecordedIssuers.stating;
import static social.avatarai.mcp.world.RecordedIssuers.withEndpoints;
import static social.avatarai.mcp.world.RecordedIssuers.withOwnClient;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OperatorsClient;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** A record states the endpoints of an issuer that publishes no metadata. No metadata is asked for. */
class StatedEndpointsFlowTest {
  private final FlowWorld world = RecordedIssuers.bareWorld();
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void closeAndSeeThatNoMetadataWasAskedFor() {
    assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    world.close();
  }

  @Test
  void connectsCallsRefreshesAndRevokesAtTheEndpointsInTheRecord() {
    world.authorizationServer.adjust(as -> as.tokenResponse("scope", "repo,user"));
    server.put(withEndpoints(world));

    var begun = server.begin();
    assertThat(begun.warnings()).containsExactlyInAnyOrder(Warning.ISSUER_BY_RECORD, Warning.PKCE_NOT_ADVERTISED);
    assertThat(sent(begun).parameters()).containsEntry("client_id", CLIENT).containsEntry("code_challenge_method",
        "S256");
    var grant = server.consented(begun);
    assertThat(grant.warnings()).contains(Warning.ISSUER_BY_RECORD, Warning.PKCE_NOT_ADVERTISED);
    assertThat(grant.tokens().scope()).isEqualTo(Scopes.parse("repo user"));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");

    world.restart();
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.refreshes()).isEqualTo(1);
    assertThat(world.flow().connections(USER, null, 10).connections()).singleElement().satisfies(shown -> {
      assertThat(shown.scope()).isEqualTo(Scopes.parse("repo user"));
      assertThat(shown.warnings()).contains(Warning.ISSUER_BY_RECORD);
    });

    world.restart();
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(world.authorizationServer.revocations()).singleElement()
        .satisfies(request -> assertThat(request.header("authorization")).isPresent());
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
  }

  @Test
  void tokenOfAnIssuerWithoutARevocationEndpointIsForgotten() {
    var record = withEndpoints(world);
    config(record).remove("revocation_endpoint");
    server.put(record);
    server.connectWithConsent();
    assertThat(server.disconnect(USER)).isFalse();
    assertThat(world.authorizationServer.revocations()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"authorization_endpoint,/other", "token_endpoint,/other", "revocation_endpoint,/other",
      "revocation_endpoint,", "scope_separator,"})
  void anotherEndpointEndsTheGrant(String member, @Nullable String path) {
    var record = withEndpoints(world);
    server.put(record);
    server.connectWithConsent();
    if (path == null) config(record).remove(member);
    else
      config(record).put(member, world.authorizationServer.issuer() + path);

    assertThat(server.put(record).path("status").asText()).isEqualTo("disconnected");
    assertThat(world.authorizationServer.revocations()).singleElement()
        .satisfies(request -> assertThat(request.path()).isEqualTo("/revoke"));
  }

  @Test
  void consentOfEndpointsThatWereChangedMeanwhileIsNotKept() {
    var record = withEndpoints(world);
    server.put(record);
    var begun = server.begin();
    config(record).put("revocation_endpoint", world.authorizationServer.issuer() + "/other");
    server.put(record);
    world.callback(begun, world.approve(begun));
    assertThat(world.flow().server(USER, MCP_ID).path("status").asText()).isNotEqualTo("connected");
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
  }

  @Test
  void recordAsItIsShownPutAgainKeepsTheGrant() {
    server.put(withEndpoints(world));
    server.connectWithConsent();
    var again = server.put(world.flow().server(USER, MCP_ID));
    assertThat(again.path("status").asText()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  private static void assertSecretMissing(ThrowingCallable call) {
    assertThatExceptionOfType(Failure.BadRequest.class).isThrownBy(call)
        .satisfies(failure -> assertThat(failure.safeMessage()).contains("client_secret"));
  }

  private static ObjectNode withoutSecret(ObjectNode record) {
    var without = record.deepCopy();
    config(without).remove("client_secret");
    return without;
  }

  @Test
  void recordThatLeavesItsSecretBehindIsRefused() {
    try (var elsewhere = FakeAuthorizationServer.start()) {
      server.put(withEndpoints(world));
      var without = withoutSecret(withEndpoints(world));
      assertSecretMissing(() -> server.put(stating(without.deepCopy(), elsewhere.issuer())));
      List.of("authorization_endpoint", "token_endpoint", "revocation_endpoint", "scope_separator")
          .forEach(config(without)::remove);
      assertSecretMissing(() -> server.put(without));
    }
  }

  @Test
  void recordWithEndpointsThatAreNotUsedIsRefusedWhereTheMetadataOfTheServerNamesTheIssuer() {
    try (var named = FlowWorld.start(as -> as.withoutRegistration()); var stated = FakeAuthorizationServer.start()) {
      var ofNamed = new ServerWorld(named);
      ofNamed.put(stating(withOwnClient(named), stated.issuer()));
      assertFails(ErrorCode.ISSUER_NOT_BOUND, ofNamed::begin);
      assertThat(stated.authorizeRequests()).isEmpty();
      ofNamed.put(withOwnClient(named));
      assertThat(ofNamed.connectWithConsent().warnings()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"authorizationEndpoint", "tokenEndpoint", "revocationEndpoint", "scopeSeparator"})
  void editedRowDoesNotOpen(String attribute) {
    server.put(withEndpoints(world));
    var table = world.platform.tables().servers();
    var row = world.platform.dynamoDb().scan(scan -> scan.tableName(table).consistentRead(true)).items().stream()
        .filter(item -> item.containsKey(attribute)).findFirst().orElseThrow();
    for (boolean removed : new boolean[]{true, false}) {
      var edited = new HashMap<>(row);
      if (removed) edited.remove(attribute);
      else
        edited.put(attribute, AttributeValue.fromS("https://collector.example/token"));
      world.platform.dynamoDb().putItem(put -> put.tableName(table).item(Map.copyOf(edited)));
      assertThatExceptionOfType(Failure.Misconfigured.class).isThrownBy(() -> server.connect(USER));
    }
    world.assertNothingBegan();
  }

  @Test
  void plainCallbackIsForIssuersThatMayUseIt() {
    var record = withEndpoints(world);
    config(record).put("redirect_uri", world.base.plainCallback().value());
    server.put(record);
    assertFails(ErrorCode.REDIRECT_URI_REQUIRED, server::begin);
  }

  @Test
  void plainCallbackIsUsedAtAnIssuerThatTheOperatorLists() {
    String plain = world.base.plainCallback().value();
    world.with("PLAIN_CALLBACK_ISSUERS", world.authorizationServer.issuer());
    var record = withEndpoints(world);
    config(record).put("redirect_uri", plain);
    server.put(record);
    world.authorizationServer.preRegister(FakeClient.confidential(CLIENT, RecordedIssuers.SECRET, plain));
    assertThat(sent(server.begin()).parameters()).containsEntry("redirect_uri", plain);
    server.connectWithConsent();

    // The operator trusts the issuer, and not endpoints on another site.
    stating(record, world.authorizationServer.issuer().replace("localhost", "127.0.0.1"));
    server.put(record);
    assertFails(ErrorCode.REDIRECT_URI_REQUIRED, server::begin);
  }

  /** The bug: the resource's spelling changed the redirect URI that the user had registered, and the account. */
  @Test
  void issuerOfStatedEndpointsIsSpelledAsItsProfileDoes() {
    try (var named = FlowWorld.start(as -> as.wellKnown().withoutIss())) {
      String issuer = named.authorizationServer.issuer();
      named.mcpServer.adjust(knobs -> knobs.authorizationServers(issuer + "/"));
      OperatorsClient.reserved(named, "https://origin.example");
      var ofNamed = new ServerWorld(named);
      ofNamed.put(withEndpoints(named));
      var begun = ofNamed.begin();
      assertThat(sent(begun).parameters()).containsEntry("redirect_uri", named.contextCallback());
      assertThat(ofNamed.consented(begun).target().issuer()).isEqualTo(new Issuer(issuer));
    }
  }
}
