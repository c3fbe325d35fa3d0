package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OperatorsClient;
import social.avatarai.mcp.world.ServerWorld;

/** Which redirect URI a flow sends to the authorization server: the issuer's own, or the plain one if it is allowed. */
class RedirectUriFlowTest {
  private static final String CLIENT = "client-by-hand";

  private static String redirectUri(AuthorizationStarted begun) {
    return sent(begun).parameters().getOrDefault("redirect_uri", "");
  }

  private static FlowWorld listed(FlowWorld world) {
    return world.with("PLAIN_CALLBACK_ISSUERS", world.authorizationServer.issuer());
  }

  private static String plain(FlowWorld world) {
    return world.base.plainCallback().value();
  }

  /** A record with a client that was registered by hand. With null, the record names no redirect URI. */
  private static ServerWorld byHand(FlowWorld world, @Nullable String redirectUri) {
    var server = new ServerWorld(world);
    server.put(record(world, redirectUri));
    return server;
  }

  private static ObjectNode record(FlowWorld world, @Nullable String redirectUri) {
    var record = ServerWorld.withClient(ServerWorld.record(world.mcpServer.url()), world.authorizationServer.issuer(),
        CLIENT,
        String.valueOf(redirectUri));
    if (redirectUri == null) ServerWorld.config(record).remove("redirect_uri");
    return record;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isTheIssuersOwnWhateverTheIssuerSaysOfItself(boolean announcesIss) {
    try (var world = FlowWorld.start(knobs -> {
      if (!announcesIss) knobs.withoutIss();
    })) {
      assertThat(redirectUri(world.begin())).isEqualTo(world.contextCallback());
      assertThat(redirectUri(world.begin(USER, FlowWorld.as("mine")))).isEqualTo(world.contextCallback());
      assertThat(redirectUri(byHand(world, null).begin())).isEqualTo(world.contextCallback());
    }
  }

  @Test
  void isTheIssuersOwnForAnIssuerThatTheOperatorTrustsInOtherThings() {
    try (var world = FlowWorld.start(knobs -> knobs.withoutMetadata("code_challenge_methods_supported"))) {
      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + world.authorizationServer.issuer()).with(
          "PKCE_EXCEPTIONS",
          world.authorizationServer.issuer());

      assertThat(redirectUri(world.begin(USER, FlowWorld.as("mine")))).isEqualTo(world.contextCallback());
      byHand(world, plain(world));
      assertFails(ErrorCode.REDIRECT_URI_REQUIRED, () -> new ServerWorld(world).begin());
    }
  }

  @Test
  void isThePlainOneForTheOperatorsClientWhereTheProfileSaysSo() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::withoutIss)) {
      OperatorsClient.at(world, true);
      world.authorizationServer
          .preRegister(FakeClient.confidential(OperatorsClient.ID, OperatorsClient.SECRET, plain(world))
              .authenticatingBy("client_secret_post"));

      world.connect();

      assertThat(world.authorizationServer.tokenRequests().getFirst().parameters()).containsEntry("redirect_uri",
          plain(world));
    }
  }

  @Test
  void isTheIssuersOwnForTheOperatorsClientWhereTheProfileDoesNotSaySo() {
    try (var world = FlowWorld.start()) {
      OperatorsClient.at(world, false);

      assertThat(redirectUri(world.begin())).isEqualTo(world.contextCallback());
    }
  }

  @Test
  void isThePlainOneForAClientByHandThatNamesItAtAListedIssuer() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::withoutIss)) {
      listed(world);
      world.authorizationServer.preRegister(FakeClient.publicClient(CLIENT, plain(world)));

      var grant = byHand(world, plain(world)).connectWithConsent();

      assertThat(grant.client().id().value()).isEqualTo(CLIENT);
      assertThat(world.authorizationServer.tokenRequests().getFirst().parameters()).containsEntry("redirect_uri",
          plain(world));
    }
  }

  @Test
  void isTheIssuersOwnForAClientByHandThatNamesNoneOrThisOne() {
    try (var world = FlowWorld.start()) {
      listed(world);

      assertThat(redirectUri(byHand(world, null).begin())).isEqualTo(world.contextCallback());
      assertThat(redirectUri(byHand(world, world.contextCallback()).begin())).isEqualTo(world.contextCallback());
      assertThat(redirectUri(world.begin(USER, FlowWorld.as("never-seen")))).isEqualTo(world.contextCallback());
    }
  }

  @Test
  void isTheIssuersOwnForEveryClientThatWeRegisterAtAListedIssuerToo() {
    try (var world = FlowWorld.start()) {
      listed(world);
      String guides = world.register(OPERATOR, guidesBody(world)).path("client_id").asText();

      assertThat(redirectUri(world.begin())).isEqualTo(world.contextCallback());
      assertThat(redirectUri(world.begin(USER, FlowWorld.as(guides)))).isEqualTo(world.contextCallback());
    }
    try (var world = FlowWorld.start(AuthorizationServerKnobs::clientDocuments)) {
      listed(world);

      assertThat(sent(world.begin()).parameters()).containsEntry("redirect_uri", world.contextCallback())
          .containsEntry("client_id", world.base.clientMetadata(world.context()));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://production.example.com", "http://localhost:3000"})
  void isTheIssuersOwnWithAWarningWhereTheRecordWasMadeForAnotherBaseUrl(String base) {
    try (var world = FlowWorld.start()) {
      String elsewhere = base + "/api/mcp/oauth/callback";
      var server = new ServerWorld(world);
      world.authorizationServer.preRegister(FakeClient.publicClient(CLIENT, elsewhere, world.contextCallback()));

      var put = server.put(record(world, elsewhere));
      var begun = server.begin();

      assertThat(put.path("warnings")).hasToString("[\"redirect_uri_elsewhere\"]");
      assertThat(world.flow().server(USER, ServerWorld.MCP_ID).path("warnings")).isEqualTo(put.path("warnings"));
      assertThat(ServerWorld.config(put).path("redirect_uri").asText()).isEqualTo(elsewhere);
      assertThat(redirectUri(begun)).isEqualTo(world.contextCallback());
      assertThat(begun.warnings()).containsExactly(Warning.REDIRECT_URI_ELSEWHERE);
      assertThat(server.consented(begun).warnings()).isEmpty();
    }
  }

  @Test
  void warnsOfARecordOnlyAsLongAsItNamesAnotherBaseUrl() {
    try (var world = FlowWorld.start()) {
      var server = new ServerWorld(world);
      var warned = server.put(record(world, "https://production.example.com/api/mcp/oauth/callback"));
      ServerWorld.config(warned).put("redirect_uri", world.contextCallback());

      assertThat(server.put(warned).has("warnings")).isFalse();
      assertThat(server.begin().warnings()).isEmpty();
    }
  }

  @Test
  void tellsAtTheStartWhatIsUnusualAboutTheIssuer() {
    try (var world = FlowWorld.start(knobs -> knobs.withoutMetadata("code_challenge_methods_supported"))) {
      world.with("PKCE_EXCEPTIONS", world.authorizationServer.issuer());

      assertThat(world.begin().warnings()).containsExactly(Warning.PKCE_NOT_ADVERTISED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/mcp/oauth/callback", "/api/mcp/oauth/callback/", "/elsewhere", ""})
  void refusesTheRedirectUriOfAClientByHandThatIsNotTheIssuers(String path) {
    try (var world = FlowWorld.start()) {
      var server = byHand(world, world.base.value() + path);

      assertFails(ErrorCode.REDIRECT_URI_REQUIRED, server::begin);
      world.assertNothingBegan();
    }
  }

  /** The body as the guide prints it. It names the plain callback. */
  private static ObjectNode guidesBody(FlowWorld world) {
    var body = Json.newObject().put("client_name", "AvatarAI Social MCP Client");
    body.putArray("redirect_uris").add(plain(world));
    return body;
  }
}
