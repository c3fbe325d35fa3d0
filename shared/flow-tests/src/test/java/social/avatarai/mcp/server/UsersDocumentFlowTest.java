package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.refreshTokenOf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profile;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.ProviderRequests;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.token.Tokens;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.UsersClient;

/**
 * A document in the shape of the user's own, with three servers in front of GitHub, Notion and X, is imported by the
 * app's backend for its user, and comes out again.
 */
class UsersDocumentFlowTest {
  private static final Caller OWNER = new Caller(new UserId("did:plc:inventedowner0000000000"), false);
  private static final ConnectionId GITHUB = new ConnectionId("github-mcp");

  /** Without an endpoint's port and the tokens of GitHub, which the test fills in. All secrets are invented. */
  private static final String DOCUMENT = """
      {"servers":[
       {"mcpId":"notion-mcp","userId":"did:plc:inventedowner0000000000","isBuiltin":false,"name":"Notion MCP Server",
        "description":"Pages and databases","about":"","icon":"","schema":"","schemaKind":"",
        "endpoint":{"type":"streamableHttp","command":"","args":null,"env":null,"url":"http://localhost:8087/mcp",
         "headers":{}},
        "version":"1.2.0","protocolVersion":"1.0.0","capabilities":{},"instructions":null,"author":"AvatarAI",
        "authorization":{"method":"oauth2","status":"active","scopes":"",
         "config":{"client_id":"invented-notion","client_secret":"invented-notion-secret",
          "redirect_uri":"https://app.example/api/mcp/oauth/callback"},
         "credentials":{"access_token":"invented-notion-access","expires_at":"0001-01-01T00:00:00Z","expires_in":0,
          "refresh_token":"","scope":"","token_type":"bearer"},"expireAt":-62135596800},
        "status":"connected","error":null,"enabled":true,"syncResources":false,
        "createdAt":1750771409,"updatedAt":1750772959,"lastSyncResourcesAt":0},
       {"mcpId":"github-mcp","userId":"did:plc:inventedowner0000000000","isBuiltin":false,"name":"GitHub MCP Server",
        "description":"Repositories","about":"","icon":"","schema":"","schemaKind":"",
        "endpoint":{"type":"streamableHttp","command":"","args":null,"env":null,"url":"GITHUB","headers":{}},
        "version":"1.2.0","protocolVersion":"1.0.0","capabilities":{},"instructions":null,"author":"AvatarAI",
        "authorization":{"method":"oauth2","status":"active","scopes":"",
         "config":{"client_id":"client-by-hand","client_secret":"SECRET",
          "redirect_uri":"https://app.example/api/mcp/oauth/callback"},
         "credentials":{"access_token":"ACCESS","expires_at":"EXPIRES","expires_in":3600,
          "refresh_token":"REFRESH","scope":"","token_type":"bearer"},"expireAt":1750779759},
        "status":"connected","error":null,"enabled":true,"syncResources":false,
        "createdAt":1750771410,"updatedAt":1750772960,"lastSyncResourcesAt":0,"ours":{"kept":[1,null,{"x":""}]}},
       {"mcpId":"twitter-mcp","userId":"did:plc:inventedowner0000000000","isBuiltin":false,"name":"X MCP Server",
        "description":"Posts","about":"","icon":"","schema":"","schemaKind":"",
        "endpoint":{"type":"streamableHttp","command":"","args":null,"env":null,"url":"http://localhost:8088/mcp",
         "headers":{}},
        "version":"1.2.0","protocolVersion":"1.0.0","capabilities":null,"instructions":null,"author":"AvatarAI",
        "authorization":{"method":"oauth2","status":"","scopes":"tweet.read offline.access","config":null,
         "credentials":null,"expireAt":-62135596800},
        "status":"disconnected","error":null,"enabled":false,"syncResources":false,
        "createdAt":1750771411,"updatedAt":1750772961,"lastSyncResourcesAt":0}]}""";

  private final FlowWorld world = FlowWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  private ObjectNode document(Tokens tokens) {
    String text = DOCUMENT.replace("GITHUB", world.mcpServer.url()).replace("SECRET", UsersClient.SECRET)
        .replace("ACCESS", tokens.accessToken().reveal()).replace("REFRESH", refreshTokenOf(tokens))
        .replace("EXPIRES", tokens.obtainedAt().plusSeconds(3600).toString().replace("Z", ".898818343+00:00"));
    return Json.object(text.getBytes(UTF_8)).orElseThrow();
  }

  /** A process whose profile claims the server of this document. The other two servers belong to no known issuer. */
  private void claimGithub() {
    var profile = new Profile(new Issuer(world.authorizationServer.issuer()), List.of(), false, false, true, " ", null,
        null, false, List.of(), false, List.of(GITHUB.value()), null, ProviderRequests.STANDARD);
    var profiles = new Profiles(List.of(profile));
    world.wired(() -> new Wiring(Settings.read(world.platform.environment(), profiles), profiles, world.platform,
        world.platform.journal()));
    world.restart();
  }

  private ServerImport.Result[] imported(ObjectNode document) {
    return world.flow().importServers(OPERATOR, document, false, world.now()).toArray(ServerImport.Result[]::new);
  }

  /** What is the user's own: without secrets, and without what is this service's to write. */
  private static ObjectNode ownPart(ObjectNode record) {
    var own = record.deepCopy();
    own.remove(List.of("status", "cause", "error", "updatedAt", "warnings"));
    if (own.at("/authorization/config") instanceof ObjectNode config)
      config.remove(List.of("client_secret", "has_client_secret"));
    if (own.at("/authorization/credentials") instanceof ObjectNode credentials) {
      credentials.remove(List.of("access_token", "refresh_token", "has_access_token", "has_refresh_token"));
    }
    return own;
  }

  @Test
  void documentComesOutAsItWentInButForItsSecretsAndWhatIsOursToWrite() {
    var tokens = new OtherApp(world).consent();
    claimGithub();
    var document = document(tokens);
    var results = imported(document);
    assertThat(results).extracting(ServerImport.Result::status).containsOnly(ServerImport.Status.CREATED);
    var exported = world.servers(OWNER).stream()
        .collect(Collectors.toMap(server -> server.path("mcpId").asText(), Function.identity()));
    assertThat(exported).hasSize(3);
    StreamSupport.stream(document.path("servers").spliterator(), false).map(ObjectNode.class::cast)
        .forEach(record -> assertThat(ownPart(Objects.requireNonNull(exported.get(record.path("mcpId").asText()))))
            .isEqualTo(ownPart(record)));
    assertThat(exported + world.log() + world.everythingStored()).doesNotContain("invented-notion-secret",
        "invented-notion-access", tokens.accessToken().reveal(), refreshTokenOf(tokens), UsersClient.SECRET);
    assertThat(Objects.requireNonNull(exported.get("notion-mcp")).path("status").asText()).isEqualTo("issuer_required");
    var twitter = Objects.requireNonNull(exported.get("twitter-mcp"));
    assertThat(twitter.path("status").asText()).isEqualTo("disconnected");
    assertThat(twitter.path("cause").asText()).isEqualTo("server_disabled");
  }

  @Test
  void serverWhoseIssuerIsKnownByItsIdIsConnectedWithoutAnotherConsent() {
    var tokens = new OtherApp(world).consent();
    claimGithub();
    var github = imported(document(tokens))[1];
    assertThat(github.tokens()).isEqualTo(LiveGrants.Outcome.IMPORTED);
    assertThat(world.flow().connection(OWNER, GITHUB).issuer()).hasToString(world.authorizationServer.issuer());
    var access = world.flow().access(OWNER, new Target.ByConnection(GITHUB), GrantWorld.call("whoami"), deadline());
    assertThat(saidBy(access)).isEqualTo("owner-1");
  }

  @Test
  void exportImportedAgainChangesNothing() {
    var tokens = new OtherApp(world).consent();
    claimGithub();
    imported(document(tokens));
    var exported = world.servers(OWNER);
    var again = Json.newObject();
    again.putArray("servers").addAll(exported);
    assertThat(world.flow().importServers(OWNER, again, true, world.now()))
        .allSatisfy(result -> assertThat(result.status()).isEqualTo(ServerImport.Status.UPDATED));
    assertThat(world.servers(OWNER)).isEqualTo(exported);
  }

  @Test
  void whereLocalhostIsNotReachedAllThreeAreKeptAndNothingIsSent() {
    var tokens = new OtherApp(world).consent();
    claimGithub();
    world.platform.with(AddressPolicy.publicInternet());
    int asked = world.authorizationServer.metadataRequests().size();
    assertThat(imported(document(tokens))).extracting(ServerImport.Result::status)
        .containsOnly(ServerImport.Status.CREATED);
    assertThat(world.servers(OWNER)).extracting(server -> server.path("status").asText())
        .containsOnly("unreachable_here");
    assertThat(world.authorizationServer.metadataRequests()).hasSize(asked);
    assertThat(world.everythingStored()).doesNotContain("invented-notion-access", tokens.accessToken().reveal());
  }
}
