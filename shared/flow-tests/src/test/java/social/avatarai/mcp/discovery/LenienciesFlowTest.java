package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.server.LiveGrants.Outcome;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;

/** What a profile or a setting allows beyond the specifications shows on the connection, and without it is refused. */
class LenienciesFlowTest {

  private static FlowWorld world(Consumer<AuthorizationServerKnobs> knobs, Consumer<McpServerKnobs> mcpKnobs) {
    return FlowWorld.start(knobs, mcpKnobs);
  }

  /** The operator's profile of this world's authorization server says this too. */
  private static FlowWorld saying(FlowWorld world, String members) {
    String profile = "{'example':{'issuer':'" + world.authorizationServer.issuer() + "'," + members + "}}";
    return world.with("PROVIDER_PROFILES", profile.replace('\'', '"'));
  }

  private static String origins(FlowWorld world) {
    return "'resource_origins':['" + world.mcpServer.origin() + "']";
  }

  @Test
  void oneOtherIssuerInTheMetadataIsTakenOnTheWordOfAProfileAlone() {
    try (var world = world(knobs -> knobs.metadata("issuer", "http://localhost:1/renamed").withoutIss(), _ -> {})) {
      assertFails(ErrorCode.ISSUER_MISMATCH, world::begin);
    }
  }

  @Test
  void renamedIssuerShowsOnTheConnection() {
    try (var world = world(knobs -> knobs.issuerPath("/v1").withoutIss(), _ -> {})) {
      String other = world.authorizationServer.origin() + "/v2";
      world.authorizationServer.adjust(knobs -> knobs.metadata("issuer", other));
      saying(world, "'published_issuer':'" + other + "'");

      var grant = world.connect();

      assertThat(grant.warnings()).containsExactly(Warning.ISSUER_RENAMED);
      assertThat(grant.target().issuer().value()).as("ours").isEqualTo(world.authorizationServer.issuer());
    }
  }

  @Test
  void otherIssuerThanTheOneOfTheProfileIsRefused() {
    try (var world = world(knobs -> knobs.issuerPath("/v1").withoutIss(), _ -> {})) {
      String origin = world.authorizationServer.origin();
      world.authorizationServer.adjust(knobs -> knobs.metadata("issuer", origin + "/v3"));
      saying(world, "'published_issuer':'" + origin + "/v2'");

      assertFails(ErrorCode.ISSUER_MISMATCH, world::begin);
    }
  }

  /** RFC 9207 §2.4: the issuer in the metadata is the one that the authorization server sends. */
  @Test
  void renamedIssuerInTheAuthorizationResponseAndInTheIdTokenIsTheOneOfTheMetadata() {
    try (var world = world(knobs -> knobs.issuerPath("/v1"), _ -> {})) {
      String other = world.authorizationServer.origin() + "/v2";
      world.authorizationServer.adjust(knobs -> knobs.metadata("issuer", other).iss(other)
          .accounts(accounts -> accounts.signedIn("alice").idToken(claims -> claims.put("iss", other))));
      saying(world, "'published_issuer':'" + other + "'");

      var grant = world.connect();

      assertThat(grant.warnings()).containsExactly(Warning.ISSUER_RENAMED);
      assertThat(grant.target().issuer().value()).as("ours").isEqualTo(world.authorizationServer.issuer());
      assertThat(Account.of(grant.tokens().identity())).isEqualTo(new Account("alice", null));
    }
  }

  /** One text is right: neither a third issuer nor the one that was asked for. */
  @ParameterizedTest
  @ValueSource(strings = {"/v1", "/v3", "/v2/"})
  void anyOtherIssuerInTheResponseOfARenamedOneIsRefused(String path) {
    try (var world = world(knobs -> knobs.issuerPath("/v1"), _ -> {})) {
      String origin = world.authorizationServer.origin();
      world.authorizationServer.adjust(knobs -> knobs.metadata("issuer", origin + "/v2").iss(origin + path));
      saying(world, "'published_issuer':'" + origin + "/v2'");
      var begun = world.begin();

      assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);
      assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    }
  }

  @Test
  void requestsWithoutTheResourceShowOnTheConnection() {
    try (var world = world(_ -> {}, _ -> {})) {
      saying(world, origins(world) + ",'requests':{'names_resource':false}");

      assertThat(world.connect().warnings()).containsExactly(Warning.RESOURCE_NOT_SENT);
    }
  }

  @Test
  void uncheckedAudienceShowsOnTheConnection() {
    try (var world = world(knobs -> knobs.jwtAccessTokens("https://api.example.com/another"), _ -> {})) {
      var begun = world.begin();
      assertThat(world.callback(begun, world.approve(begun))).as("without the profile")
          .isInstanceOf(CallbackOutcome.Failed.class);
      saying(world, origins(world) + ",'audience_unchecked':true");
      world.restart();

      assertThat(world.connect().warnings()).containsExactly(Warning.AUDIENCE_UNCHECKED);
    }
  }

  @Test
  void bindingThatTheServerDoesNotConfirmShowsOnTheConnection() {
    try (var world = world(_ -> {}, knobs -> knobs.withoutResourceMetadata().metadataResponse(Response.of(404)))) {
      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + world.authorizationServer.issuer());

      assertThat(world.connect().warnings()).contains(Warning.ISSUER_BY_DEPLOYMENT);
    }
  }

  @Test
  void bindingOfTokensThatARecordBringsShowsOnTheConnectionToo() {
    try (var world = world(_ -> {}, _ -> {})) {
      var app = new OtherApp(world);
      var record = app.record();
      world.mcpServer.adjust(knobs -> knobs.withoutResourceMetadata().metadataResponse(Response.of(404)));
      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + world.authorizationServer.issuer()).restart();

      assertThat(app.importOne(record).tokens()).isEqualTo(Outcome.IMPORTED);

      assertThat(world.flow().connection(USER, ServerWorld.MCP_ID).warnings()).contains(Warning.ISSUER_BY_DEPLOYMENT);
    }
  }

  @Test
  void bindingThatTheServerConfirmsIsNoException() {
    try (var world = world(_ -> {}, _ -> {})) {
      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + world.authorizationServer.issuer());

      assertThat(world.connect().warnings()).isEmpty();
    }
  }

  @Test
  void callbackThatIssuersShareShowsOnTheConnection() {
    try (var world = world(_ -> {}, _ -> {})) {
      world.authorizationServer.preRegister(
          FakeClient.confidential("operators", "invented-secret", world.base.plainCallback().value()));
      world.platform.stores().vault().create("test/operator-client/example", "invented-secret");
      saying(world, origins(world) + ",'plain_callback':true,'token_endpoint_auth_method':'client_secret_basic'").with(
          "MCP_CLIENTS",
          "MCP_EXAMPLE_CLIENT_ID=operators,MCP_EXAMPLE_CLIENT_SECRET_NAME=test/operator-client/example");

      assertThat(world.connect().warnings()).containsExactly(Warning.SHARED_CALLBACK);
    }
  }

  /** The operator has registered the issuer's own redirect URI, although the shared one is usual there. */
  @Test
  void redirectUriInTheSettingsOfAClientIsUsed() {
    try (var world = world(_ -> {}, _ -> {})) {
      world.authorizationServer.preRegister(
          FakeClient.confidential("operators", "invented-secret", world.contextCallback()));
      world.platform.stores().vault().create("test/operator-client/example", "invented-secret");
      saying(world, origins(world) + ",'plain_callback':true").with("MCP_CLIENTS", "MCP_EXAMPLE_CLIENT_ID=operators,"
          + "MCP_EXAMPLE_CLIENT_SECRET_NAME=test/operator-client/example,MCP_EXAMPLE_REDIRECT_URI="
          + world.contextCallback() + ",MCP_EXAMPLE_TOKEN_ENDPOINT_AUTH_METHOD=client_secret_basic");

      assertThat(world.connect().warnings()).isEmpty();
      assertThat(world.authorizationServer.tokenRequests().getLast().header("authorization")).isPresent();
    }
  }

  @Test
  void redirectUriOfAnotherDeploymentInTheSettingsIsTheOperatorsFault() {
    try (var world = world(_ -> {}, _ -> {})) {
      saying(world, origins(world) + ",'plain_callback':true").with("MCP_CLIENTS", "MCP_EXAMPLE_CLIENT_ID=operators,"
          + "MCP_EXAMPLE_REDIRECT_URI=https://other.example/callback");

      assertFails(ErrorCode.MISCONFIGURED, world::begin);
    }
  }
}
