package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.RecordedIssuers.CLIENT;
import static social.avatarai.mcp.world.RecordedIssuers.withOwnClient;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.isConnected;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.ClientIdentity.Origin;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OperatorsClient;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;

/** The user's own record binds an issuer where the server publishes no metadata, with the user's own client alone. */
class IssuerByRecordFlowTest {

  private static void assertUnbound(FlowWorld world, String says, ThrowingCallable call) {
    assertThatExceptionOfType(Failure.BadRequest.class).isThrownBy(call).satisfies(failure -> {
      assertThat(failure.code()).isEqualTo(ErrorCode.ISSUER_NOT_BOUND);
      assertThat(failure.safeMessage()).contains(says);
    });
    assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    world.assertNothingBegan();
  }

  @Test
  void recordBindsItsIssuerAndTheConnectionSaysSo() {
    try (var world = RecordedIssuers.world()) {
      var server = new ServerWorld(world);
      server.put(withOwnClient(world));

      var begun = server.begin();
      assertThat(begun.authorizationUrl()).startsWith(world.authorizationServer.issuer());
      assertThat(begun.warnings()).containsExactly(Warning.ISSUER_BY_RECORD);
      assertThat(begun.trusted().issuer().value()).isEqualTo(world.authorizationServer.issuer());

      var grant = server.consented(begun);
      assertThat(grant.client().origin()).isEqualTo(Origin.PREREGISTERED);
      assertThat(world.flow().connections(USER, null, 10).connections()).singleElement()
          .satisfies(shown -> assertThat(shown.warnings()).containsExactly(Warning.ISSUER_BY_RECORD));
      assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    }
  }

  @Test
  void recordThatNamesNoClientBindsNothing() {
    try (var world = RecordedIssuers.world()) {
      var record = record(world.mcpServer.url());
      record.putObject("authorization").putObject("config").put("issuer", world.authorizationServer.issuer());
      var server = new ServerWorld(world);
      server.put(record);
      assertUnbound(world, "together with the client_id of a client of your own", server::begin);
    }
  }

  @Test
  void callWithoutARecordBindsNothing() {
    try (var world = RecordedIssuers.world()) {
      RecordedIssuers.registerByHand(world);
      var start = FlowWorld.as(CLIENT).at(FlowWorld.at(world.authorizationServer.issuer()).issuer());
      assertUnbound(world, "A server record binds it", () -> world.begin(USER, start));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/"})
  void operatorsClientIsNotUsedOnARecordsWord(String slash) {
    try (var world = RecordedIssuers.world()) {
      OperatorsClient.unbound(world);
      var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer() + slash,
          OperatorsClient.ID, world.contextCallback());
      config(record).put("client_secret", "invented-secret");
      var server = new ServerWorld(world);
      server.put(record);
      assertUnbound(world, "a client of this deployment", server::begin);
      config(record).put("issuer", "https://elsewhere.example");
      RecordedIssuers.stating(record, world.authorizationServer.issuer());
      server.put(record);
      assertUnbound(world, "a client of this deployment", server::begin);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void deploymentsClientIsNotUsedOnARecordsWord(boolean withSecret) {
    try (var world = FlowWorld.start(_ -> {}, mcp -> mcp.unpublished())) {
      String client = world.register(OPERATOR, Json.newObject().put("client_name", "Invented")).path("client_id")
          .asText();
      for (String slash : new String[]{"", "/"}) {
        var record = withClient(record(world.mcpServer.url()), world.authorizationServer.issuer() + slash, client,
            world.contextCallback());
        if (withSecret) config(record).put("client_secret", "invented-secret");
        var server = new ServerWorld(world);
        server.put(record);
        assertFails(ErrorCode.ISSUER_NOT_BOUND, server::begin);
      }
      assertThat(world.authorizationServer.authorizeRequests()).isEmpty();
      assertThat(world.sessionRows()).isEmpty();
    }
  }

  @Test
  void ourMetadataDocumentIsNotUsedOnARecordsWord() {
    try (var world = RecordedIssuers.world(as -> as.clientDocuments(), _ -> {})) {
      var server = new ServerWorld(world);
      server.put(withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(),
          world.base.clientMetadata(world.context()), world.contextCallback()));
      assertUnbound(world, "a client of this deployment", server::begin);
    }
  }

  @Test
  void serverWhoseMetadataNamesOthersIsNotBoundByARecord() {
    try (var named = FakeAuthorizationServer.start(); var world = FlowWorld.start(as -> as.withoutRegistration())) {
      world.mcpServer.adjust(mcp -> mcp.authorizationServers(named.issuer()));
      var server = new ServerWorld(world);
      server.put(RecordedIssuers.withEndpoints(world));
      assertUnbound(world, "A server record cannot bind it either", server::begin);
      assertThat(named.metadataRequests()).isEmpty();
    }
  }

  @Test
  void originThatTheOperatorHasBoundIsNotBoundToAnotherByARecord() {
    try (var bound = FakeAuthorizationServer.start(); var world = RecordedIssuers.world()) {
      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + bound.issuer());
      var server = new ServerWorld(world);
      server.put(withOwnClient(world));
      assertUnbound(world, "Nothing binds this authorization server", server::begin);
    }
  }

  @Test
  void issuerThatAProfileKeepsIsBoundByTheRecordOfAUserWithAClientThere() {
    try (var world = FlowWorld.start(as -> as.withoutRegistration())) {
      OperatorsClient.reserved(world, "https://origin.example");
      var server = new ServerWorld(world);
      server.put(withOwnClient(world));

      var begun = server.begin();
      assertThat(begun.warnings()).containsExactly(Warning.ISSUER_BY_RECORD);
      assertThat(sent(begun).parameters()).containsEntry("client_id", CLIENT);
      server.consented(begun);

      // The metadata still names the issuer: a refused token is refreshed, because the server has not migrated.
      world.restart();
      world.mcpServer.mcpEndpoint().next(Response.of(401));
      assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
      assertThat(world.refreshes()).isEqualTo(1);
    }
  }

  @Test
  void issuerThatAProfileKeepsGetsNoFlowOfAServerThatMerelyNamesIt() {
    try (var world = FlowWorld.start()) {
      OperatorsClient.reserved(world, "https://origin.example");
      var server = new ServerWorld(world);
      server.put();
      assertUnbound(world, "A server record binds it", server::begin);
      server.put(withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), OperatorsClient.ID,
          world.contextCallback()));
      assertUnbound(world, "a client of this deployment", server::begin);
      assertUnbound(world, "A server record binds it", () -> world.begin(USER, FlowWorld.as(CLIENT)));
    }
  }

  @Test
  void operatorWhoRefusesForeignIssuersRefusesThoseOfRecordsToo() {
    try (var world = RecordedIssuers.world()) {
      world.with("FOREIGN_ISSUERS", "refuse");
      String elsewhere = world.mcpServer.url().replace("localhost", "127.0.0.1");
      assertThat(elsewhere).isNotEqualTo(world.mcpServer.url());
      var record = withOwnClient(world);
      record.putObject("endpoint").put("url", elsewhere);
      var server = new ServerWorld(world);
      server.put(record);
      assertFails(ErrorCode.FOREIGN_ISSUER, server::begin);
      world.assertNothingBegan();
    }
  }

  @Test
  void openServerStaysConnected() {
    try (var world = RecordedIssuers.world(_ -> {}, mcp -> mcp.withoutTokenFor("initialize",
        "notifications/initialized", "server/discover"))) {
      var server = new ServerWorld(world);
      server.put(withOwnClient(world));
      assertThat(isConnected(server.connect(USER))).isTrue();
      world.assertNothingBegan();
    }
  }
}
