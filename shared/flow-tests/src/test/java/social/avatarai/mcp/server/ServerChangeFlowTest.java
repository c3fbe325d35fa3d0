package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** A server record that changes while its user consents, or while there is a grant. */
class ServerChangeFlowTest {
  private final Meanwhile meanwhile = new Meanwhile();
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final FakeMcpServer other = FakeMcpServer.protectedBy(world.authorizationServer);

  ServerChangeFlowTest() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
  }

  @AfterEach
  void close() {
    try (world; other) {
      assertThat(meanwhile.isOver()).isTrue();
    }
  }

  private static final CallbackOutcome CHANGED = new CallbackOutcome.Failed(MCP_ID, ErrorCode.SERVER_CHANGED, null,
      null);

  private CallbackOutcome callback(AuthorizationStarted begun) {
    return world.callback(begun, world.approve(begun));
  }

  private void assertNotAskedWithAToken(FakeMcpServer asked) {
    assertThat(asked.requests()).noneMatch(request -> request.header("authorization").isPresent());
  }

  /** Asserts that exactly one token, a refresh token, was revoked at its issuer. */
  private void assertRevoked() {
    assertThat(world.authorizationServer.revocations()).singleElement()
        .satisfies(request -> assertThat(request.parameters()).containsEntry("token_type_hint", "refresh_token"));
  }

  private boolean isGrantWrite(SdkRequest request) {
    return request instanceof PutItemRequest put && put.tableName().equals(world.platform.tables().tokens())
        && put.item().containsKey("grant");
  }

  private boolean isRecordWrite(SdkRequest request) {
    return request instanceof PutItemRequest put && put.tableName().equals(world.platform.tables().servers());
  }

  private boolean isRecordDeletion(SdkRequest request) {
    return request instanceof DeleteItemRequest delete
        && delete.tableName().equals(world.platform.tables().servers());
  }

  @Test
  void consentToWhereTheServerWasIsNoneForWhereItIs() {
    server.put();
    var begun = server.begin();
    server.put(record(other.url()));
    assertThat(callback(begun)).isEqualTo(CHANGED);
    assertRevoked();
    assertThat(server.status()).isEqualTo("disconnected");
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertNotAskedWithAToken(world.mcpServer);
    assertNotAskedWithAToken(other);
  }

  @Test
  void consentToWhereTheServerWasLeavesTheGrantForWhereItIsAlone() {
    server.put();
    var begun = server.begin();
    server.put(record(other.url()));
    server.connectWithConsent();
    assertThat(callback(begun)).isEqualTo(CHANGED);
    // At some issuers, revoking the late tokens would end the good grant too.
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(server.status()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertNotAskedWithAToken(world.mcpServer);
  }

  @Test
  void consentForADeletedServerDoesNotBringItBack() {
    server.put();
    var begun = server.begin();
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(callback(begun)).isEqualTo(CHANGED);
    assertRevoked();
    assertFails(ErrorCode.NOT_FOUND, () -> server.access(USER));
    assertNotAskedWithAToken(world.mcpServer);
  }

  @Test
  void consentForAServerThatWasSwitchedOffDoesNotSwitchItOn() {
    server.put();
    var begun = server.begin();
    server.put(record(world.mcpServer.url()).put("enabled", false));
    server.consented(begun);
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(world.refreshDue().refreshed()).isZero();
    server.put();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void consentFromAnIssuerThatTheRecordNoLongerNamesIsNone() {
    server.put();
    var begun = server.begin();
    server.put(naming("https://another.example.com"));
    assertThat(callback(begun)).isEqualTo(CHANGED);
    assertRevoked();
  }

  @Test
  void serverThatMovesJustBeforeItsGrantIsWrittenHasNone() {
    server.put();
    var begun = server.begin();
    meanwhile.before(this::isGrantWrite, () -> server.put(record(other.url())));
    assertThat(callback(begun)).isEqualTo(CHANGED);
    assertRevoked();
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertNotAskedWithAToken(world.mcpServer);
  }

  @Test
  void serverThatIsSwitchedOffJustBeforeItsGrantIsWrittenIsNotUsed() {
    server.put();
    var begun = server.begin();
    meanwhile.before(this::isGrantWrite, () -> server.put(record(world.mcpServer.url()).put("enabled", false)));
    server.consented(begun);
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
  }

  @Test
  void consentThatEndsJustBeforeTheServerMovesIsOverWithTheMove() {
    server.put();
    var begun = server.begin();
    meanwhile.before(this::isRecordWrite, () -> server.consented(begun));
    assertThat(server.put(record(other.url())).path("status").asText()).isEqualTo("disconnected");
    assertRevoked();
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
    assertNotAskedWithAToken(world.mcpServer);
  }

  @Test
  void consentThatEndsJustBeforeTheServerIsSwitchedOffIsNotUsed() {
    server.put();
    var begun = server.begin();
    meanwhile.before(this::isRecordWrite, () -> server.consented(begun));
    server.put(record(world.mcpServer.url()).put("enabled", false));
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
  }

  @Test
  void consentThatEndsJustBeforeTheServerIsDeletedIsOverWithIt() {
    server.put();
    var begun = server.begin();
    meanwhile.before(this::isRecordDeletion, () -> server.consented(begun));
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isTrue();
    assertRevoked();
    assertFails(ErrorCode.NOT_FOUND, () -> server.access(USER));
  }

  // The query of the server's URL

  private ObjectNode recordWith(String query) {
    return record(world.mcpServer.url() + "?" + query);
  }

  private void assertAskedWith(String query) {
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.mcpServer.requests().getLast().rawQuery()).isEqualTo(query);
    var url = new EndpointUrl(world.mcpServer.url() + "?" + query);
    assertThat(saidBy(world.flow().access(USER, new Target.ByUrl(url), GrantWorld.call("whoami"), deadline())))
        .isEqualTo("owner-1");
    assertThat(world.authorizationServer.revocations()).isEmpty();
  }

  @Test
  void changedQueryEndsNoGrantAndTheNextCallGoesToTheNewUrl() {
    server.put(recordWith("toolsets=some"));
    server.connectWithConsent();
    assertAskedWith("toolsets=some");
    assertThat(server.put(recordWith("toolsets=all")).path("status").asText()).isEqualTo("connected");
    assertAskedWith("toolsets=all");
    server.put();
    assertAskedWith("");
    assertThat(ServerWorld.isConnected(server.connect(USER))).isTrue();
  }

  /** If the grant did not end, it would stay and no longer cover the server's URL. */
  @Test
  void queryThatIsPartOfTheResourceEndsTheGrantWhenItChanges() {
    world.mcpServer.adjust(knobs -> knobs.resource(world.mcpServer.url() + "?t=a"));
    server.put(recordWith("t=a"));
    server.connectWithConsent();
    assertThat(server.put(recordWith("t=b")).path("status").asText()).isEqualTo("disconnected");
    assertRevoked();
  }

  @Test
  void sessionThatWasAgreedAtTheFormerUrlIsNotShownAtTheNewOne() {
    server.put(recordWith("toolsets=some"));
    server.connectWithConsent();
    server.access(USER);
    int before = world.mcpServer.requests().size();
    var former = world.mcpServer.requests().getLast().headers("mcp-session-id");
    assertThat(former).isNotEmpty();
    server.put(recordWith("toolsets=all"));
    server.access(USER);
    var since = world.mcpServer.requests().subList(before, world.mcpServer.requests().size());
    // The session is only ended, at the URL before.
    assertThat(since).filteredOn(request -> request.headers("mcp-session-id").equals(former)).singleElement()
        .satisfies(end -> assertThat(end.method()).isEqualTo("DELETE"))
        .satisfies(end -> assertThat(end.toString()).doesNotContain("toolsets=all"));
  }

  @Test
  void consentToTheUrlWithTheFormerQueryIsOneToTheNewUrl() {
    server.put(recordWith("toolsets=some"));
    var begun = server.begin();
    server.put(recordWith("toolsets=all"));
    server.consented(begun);
    assertAskedWith("toolsets=all");
  }

  @Test
  void queryThatChangesJustBeforeTheGrantIsWrittenIsFollowed() {
    server.put(recordWith("toolsets=some"));
    var begun = server.begin();
    meanwhile.before(this::isGrantWrite, () -> server.put(recordWith("toolsets=all")));
    server.consented(begun);
    assertAskedWith("toolsets=all");
  }

  @Test
  void consentThatEndsJustBeforeTheQueryChangesFollowsIt() {
    server.put(recordWith("toolsets=some"));
    var begun = server.begin();
    meanwhile.before(this::isRecordWrite, () -> server.consented(begun));
    server.put(recordWith("toolsets=all"));
    assertAskedWith("toolsets=all");
  }

  private boolean isNoteInAGrant(SdkRequest request) {
    return request instanceof UpdateItemRequest update
        && update.tableName().equals(world.platform.tables().tokens());
  }

  @Test
  void ofTwoChangesOfTheQueryTheOneThatTheRecordKeepsIsFollowed() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isNoteInAGrant, () -> server.put(recordWith("toolsets=later")));
    server.put(recordWith("toolsets=sooner"));
    assertAskedWith("toolsets=later");
  }

  /** The same state as after a process that died between the two writes. */
  @Test
  void queryThatTheGrantHasNotFollowedYetIsFollowedByConnect() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isNoteInAGrant, () -> {
      throw new IllegalStateException("the process dies");
    });
    assertThatThrownBy(() -> server.put(recordWith("toolsets=all"))).hasMessageContaining("dies");
    assertThat(ServerWorld.isConnected(server.connect(USER))).isTrue();
    assertAskedWith("toolsets=all");
  }

  private ObjectNode naming(String issuer) {
    var record = record(world.mcpServer.url());
    record.putObject("authorization").putObject("config").put("issuer", issuer);
    return record;
  }

  @Test
  void namingTheIssuerThatTheGrantIsFromKeepsItAndSoDoesNotNamingIt() {
    server.put();
    server.connectWithConsent();
    assertThat(server.put(naming(world.authorizationServer.issuer())).path("status").asText()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.put().path("status").asText()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.authorizationServer.revocations()).isEmpty();
  }

  @Test
  void namingAnotherIssuerEndsTheGrant() {
    server.put();
    server.connectWithConsent();
    server.connect(USER);
    assertThat(server.put(naming("https://another.example.com")).path("status").asText()).isEqualTo("disconnected");
    assertRevoked();
  }
}
