package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ProviderWorld;
import social.avatarai.mcp.world.ServerWorld;

/**
 * The three servers of the user's own document, in front of GitHub, X and Notion: the records name no issuer, and the
 * servers publish nothing. The profiles tell whose clients they are, by the {@code mcpId}.
 */
class UsersThreeServersFlowTest {
  private static final Caller OPERATOR = new Caller(new UserId("app-backend"), true);

  private static ConnectionId mcpId(FakeProvider provider) {
    return new ConnectionId(provider.product().serverIds().getFirst());
  }

  /** In the shape of the user's document. */
  private static ObjectNode record(ProviderWorld world, FakeProvider provider) {
    var record = Json.newObject().put("mcpId", mcpId(provider).value()).put("userId", USER.user().value())
        .put("isBuiltin", false).put("name", "Invented").put("schema", "");
    record.putObject("endpoint").put("type", "streamableHttp").put("command", "").putNull("args").putNull("env")
        .put("url", world.world.mcpServer.url()).putObject("headers");
    var authorization = record.putObject("authorization").put("method", "oauth2").put("status", "")
        .put("scopes", "read").put("expireAt", -62135596800L);
    authorization.putObject("config").put("client_id", ProviderWorld.CLIENT)
        .put("client_secret", ProviderWorld.SECRET).put("redirect_uri", world.world.base.plainCallback().value());
    authorization.putNull("credentials");
    return record.put("status", "disconnected").putNull("error").put("enabled", true).put("syncResources", false);
  }

  private static void importAsOperator(ProviderWorld world, ObjectNode record) {
    var document = Json.newObject();
    document.putArray("servers").add(record);
    assertThat(world.world.flow().importServers(OPERATOR, document, false, world.world.now())).singleElement()
        .satisfies(result -> assertThat(result.status()).isEqualTo(ServerImport.Status.CREATED));
  }

  private static AuthorizationStarted begun(ProviderWorld world, FakeProvider provider) {
    return ServerWorld.begun(
        world.world.flow().connect(USER, mcpId(provider), AuthorizationStart.fresh(), world.world.now()));
  }

  private static Grant connect(ProviderWorld world, FakeProvider provider) {
    var begun = begun(world, provider);
    assertThat(begun.warnings()).contains(Warning.ISSUER_BY_RECORD);
    assertThat(world.world.callback(begun, world.world.approve(begun))).isInstanceOf(CallbackOutcome.Connected.class);
    return world.world.grants().read(new ConnectionKey(USER.user(), mcpId(provider))).orElseThrow();
  }

  private static Access access(ProviderWorld world, FakeProvider provider) {
    return world.world.flow().access(USER, new Target.ByConnection(mcpId(provider)), GrantWorld.call("whoami"),
        deadline());
  }

  @ParameterizedTest
  @EnumSource(value = FakeProvider.class, names = {"GITHUB_OAUTH_APP", "X", "NOTION"})
  void recordOfTheDocumentIsImportedConnectedUsedAndDisconnected(FakeProvider provider) {
    try (var world = ProviderWorld.ofRecord(provider)) {
      importAsOperator(world, record(world, provider));
      var grant = connect(world, provider);
      assertThat(grant.client().owner().isDeployment()).isFalse();
      assertThat(grant.warnings()).contains(Warning.ISSUER_BY_RECORD);
      assertThat(saidBy(access(world, provider))).isEqualTo("owner-1");
      var shown = world.world.flow().server(USER, mcpId(provider));
      assertThat(shown.path("status").asText()).isEqualTo("connected");
      assertThat(shown.path("error").isNull()).isTrue();
      assertThat(world.world.flow().disconnect(USER, mcpId(provider), deadline()).revoked()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(value = FakeProvider.class, names = {"GITHUB_OAUTH_APP", "X", "NOTION"})
  void refusedClientIsSaidInTheRecordUntilTheNextSuccess(FakeProvider provider) {
    try (var world = ProviderWorld.ofRecord(provider)) {
      importAsOperator(world, record(world, provider));
      world.changeSecret("another-invented-secret");
      var begun = begun(world, provider);
      assertThat(world.world.callback(begun, world.world.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);
      var failed = world.world.flow().server(USER, mcpId(provider));
      assertThat(failed.path("cause").asText()).isEqualTo("token_request_refused");
      assertThat(failed.at("/error/hint").asText()).isNotEmpty();
      world.changeSecret(ProviderWorld.SECRET);
      connect(world, provider);
      assertThat(world.world.flow().server(USER, mcpId(provider)).path("error").isNull()).isTrue();
    }
  }

  /** Without a client of the user, the server's own origin is the issuer, as for every server without metadata. */
  @ParameterizedTest
  @EnumSource(value = FakeProvider.class, names = {"GITHUB_OAUTH_APP", "X", "NOTION"})
  void recordWithoutAClientBindsNothing(FakeProvider provider) {
    try (var world = ProviderWorld.ofRecord(provider)) {
      var record = record(world, provider);
      ((ObjectNode) record.path("authorization")).putNull("config");
      importAsOperator(world, record);
      assertFails(ErrorCode.REGISTRATION_REFUSED,
          () -> world.world.flow().connect(USER, mcpId(provider), AuthorizationStart.fresh(), world.world.now()));
      assertThat(world.issuer().tokenRequests()).isEmpty();
    }
  }
}
