package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.TwoIssuers.revokedAt;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A grant or record that cannot be decrypted, because its row was edited or its key is lost. Ending it needs no key.
 */
class UnreadableGrantFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  private void edit(String table, ConnectionId connection, String attribute, UnaryOperator<AttributeValue> edit) {
    var client = world.platform.dynamoDb();
    var key = Map.of("pk", AttributeValue.fromS("u#" + USER.user()), "sk", AttributeValue.fromS(connection.value()));
    var item = new HashMap<>(client.getItem(get -> get.tableName(table).key(key)).item());
    item.computeIfPresent(attribute, (_, value) -> edit.apply(value));
    client.putItem(put -> put.tableName(table).item(item));
  }

  /** The attribute as if it were encrypted with a key that is no longer in the key ring. */
  private static AttributeValue sealedWithALostKey(AttributeValue sealed) {
    var bytes = sealed.b().asByteArray();
    bytes[bytes.length - 1] ^= 1;
    return AttributeValue.fromB(SdkBytes.fromByteArray(bytes));
  }

  private void spoil(ConnectionId connection) {
    edit(world.platform.tables().tokens(), connection, "accessToken", UnreadableGrantFlowTest::sealedWithALostKey);
  }

  /** Makes even the unencrypted attributes of a row unreadable. */
  private void garble(ConnectionId connection) {
    edit(world.platform.tables().tokens(), connection, "resource", _ -> AttributeValue.fromS("no such thing"));
  }

  private void spoilRecord() {
    edit(world.platform.tables().servers(), MCP_ID, "enabled", enabled -> AttributeValue.fromBool(!enabled.bool()));
  }

  private boolean hasGrant(ConnectionId connection) {
    return world.grants().connections(USER.user()).contains(connection);
  }

  private void assertErased(ConnectionId connection) {
    assertThat(hasGrant(connection)).isFalse();
    assertThat(world.log()).contains("\"event\":\"grant_unreadable\"", "\"erased\":true");
    assertThat(world.authorizationServer.revocations()).isEmpty();
  }

  private Access byUrl(String url) {
    return world.flow().access(USER, new Target.ByUrl(new EndpointUrl(url)), call("whoami"), deadline());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void connectionWhoseGrantCannotBeOpenedIsDisconnectedWithoutRevoking(boolean garbled) {
    server.put();
    server.connectWithConsent();
    if (garbled) garble(MCP_ID);
    else
      spoil(MCP_ID);
    assertThat(server.disconnect(USER)).as("revoked").isFalse();
    assertErased(MCP_ID);
    assertThat(saidBy(connectedAgain())).isEqualTo("owner-2");
  }

  private Access connectedAgain() {
    server.connectWithConsent();
    return server.access(USER);
  }

  @Test
  void connectionOfAResourceWhoseGrantCannotBeOpenedIsDisconnectedToo() {
    var connection = world.connect().key().connection();
    spoil(connection);
    assertThat(world.flow().disconnect(USER, connection, deadline()).revoked()).isFalse();
    assertErased(connection);
  }

  @Test
  void serverWhoseGrantCannotBeOpenedIsDeleted() {
    server.put();
    server.connectWithConsent();
    spoil(MCP_ID);
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isFalse();
    assertErased(MCP_ID);
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().server(USER, MCP_ID));
  }

  @Test
  void serverWhoseGrantCannotBeOpenedMoves() {
    server.put();
    server.connectWithConsent();
    spoil(MCP_ID);
    try (var other = FakeMcpServer.protectedBy(world.authorizationServer)) {
      assertThat(server.put(record(other.url())).path("status").asText()).isEqualTo("disconnected");
      assertErased(MCP_ID);
    }
  }

  @Test
  void changeThatEndsNoGrantLeavesOneThatCannotBeOpenedAlone() {
    server.put();
    server.connectWithConsent();
    spoil(MCP_ID);
    server.put(record(world.mcpServer.url()).put("name", "Another name"));
    // The key may be restored later.
    assertThat(hasGrant(MCP_ID)).isTrue();
    assertFails(ErrorCode.MISCONFIGURED, () -> server.access(USER));
    garble(MCP_ID);
    server.put();
    assertErased(MCP_ID);
  }

  @Test
  void serverWhoseGrantCannotBeOpenedIsConnectedAgainAndShown() {
    server.put();
    server.connectWithConsent();
    spoil(MCP_ID);
    assertThat(world.flow().server(USER, MCP_ID).path("mcpId").asText()).isEqualTo(MCP_ID.value());
    assertThat(world.servers(USER)).hasSize(1);
    assertThat(saidBy(connectedAgain())).isEqualTo("owner-2");
    garble(MCP_ID);
    assertThat(world.flow().server(USER, MCP_ID).path("cause").asText()).isEqualTo("unreadable");
    assertThat(world.servers(USER)).hasSize(1);
  }

  @Test
  void consentThatComesTooLateEndsAsOneWhateverItsConnectionHas() {
    server.put();
    var begun = server.begin();
    server.connectWithConsent();
    spoil(MCP_ID);
    world.flow().deleteServer(USER, MCP_ID, deadline());
    var outcome = world.callback(begun, world.approve(begun));
    assertThat(outcome.toString()).contains("SERVER_CHANGED");
  }

  @Test
  void recordThatCannotBeOpenedIsDeletedAndPutAgain() {
    server.put();
    var grant = server.connectWithConsent();
    spoilRecord();
    assertFails(ErrorCode.MISCONFIGURED, () -> world.flow().server(USER, MCP_ID));
    server.put();
    assertThat(saidBy(server.access(USER))).as("the grant is for the server that the user names").isEqualTo("owner-1");
    spoilRecord();
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isTrue();
    assertThat(world.grants().read(grant.key())).isEmpty();
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().server(USER, MCP_ID));
    assertThat(world.log()).contains("\"event\":\"server_unreadable\"");
  }

  @Test
  void grantWhoseRowCannotBeReadKeepsNoOtherFromBeingRefreshedByItsToken() {
    server.put();
    server.connectWithConsent();
    var other = world.connect();
    edit(world.platform.tables().tokens(), MCP_ID, "refreshMac", _ -> AttributeValue.fromN("1"));
    assertThat(refresh(refreshTokenOf(other), other)).isInstanceOf(Refreshed.Renewed.class);
    // The token may belong to the unreadable row. So it does not count as unknown, and it is not sent to any server.
    int before = world.authorizationServer.tokenRequests().size();
    assertFails(ErrorCode.MISCONFIGURED, () -> refresh(new RefreshToken("invented"), other));
    assertThat(world.authorizationServer.tokenRequests()).hasSize(before);
  }

  private Refreshed refresh(RefreshToken token, Grant of) {
    return world.flow().refresh(USER, new What.Token(token, of.target().issuer(), of.client().id()), deadline());
  }

  private Grant keep(String id, String path, Grant like) {
    var elsewhere = GrantWorld.elsewhere(like, world.mcpServer.origin() + path);
    var grant = new Grant(new ConnectionKey(USER.user(), new ConnectionId(id)), elsewhere.id(), 1, elsewhere.target(),
        elsewhere.client(), elsewhere.tokens(), elsewhere.state(), elsewhere.warnings(), null);
    world.grants().store(grant);
    return grant;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void grantThatCannotBeOpenedKeepsNoUrlFromAGrantThatIsNearer(boolean edited) {
    var grant = world.connect();
    var root = keep("root", "", grant).key().connection();
    if (edited) {
      edit(world.platform.tables().tokens(), root, "clientId", _ -> AttributeValue.fromS("another-client"));
    } else {
      spoil(root);
    }
    assertThat(saidBy(byUrl(world.mcpServer.url()))).isEqualTo("owner-1");
    assertThat(world.log()).contains("\"event\":\"grant_unreadable\"", "\"erased\":false");
  }

  @Test
  void urlOfAGrantThatCannotBeOpenedFallsToNoneThatIsLessNearOrBesideIt() {
    var grant = world.connect();
    keep("root", "", grant);
    spoil(grant.key().connection());
    int asked = world.mcpServer.requests().size();
    assertFails(ErrorCode.MISCONFIGURED, () -> byUrl(world.mcpServer.url()));
    keep("beside", "/mcp", grant);
    assertFails(ErrorCode.MISCONFIGURED, () -> byUrl(world.mcpServer.url()));
    garble(grant.key().connection());
    assertFails(ErrorCode.MISCONFIGURED, () -> byUrl(world.mcpServer.url()));
    assertThat(world.mcpServer.requests()).hasSize(asked);
    world.flow().disconnect(USER, grant.key().connection(), deadline());
    assertThat(saidBy(byUrl(world.mcpServer.url()))).isEqualTo("owner-1");
  }

  @Test
  void endOfTheLastGrantOfAClientEndsWhatIsKeptOnOtherConnectionsThoughItCannotBeOpened() {
    server.put();
    var ofTheServer = server.connectWithConsent();
    var ofTheResource = world.connect().key().connection();
    assertThat(server.disconnect(USER)).as("revoked while another grant has the client").isFalse();
    spoil(ofTheResource);
    world.flow().disconnect(USER, ofTheResource, deadline());
    assertThat(revokedAt(world.authorizationServer)).contains(refreshTokenOf(ofTheServer).reveal());
    assertThat(world.replacedTokens().connections(USER.user())).isEmpty();
  }

  @Test
  void tokensOfAConsentForARecordThatCannotBeReadAreRevoked() {
    server.put();
    var begun = server.begin();
    var response = world.approve(begun);
    spoilRecord();
    assertThat(world.callback(begun, response)).isInstanceOf(CallbackOutcome.Failed.class).asString()
        .contains("MISCONFIGURED");
    assertThat(world.authorizationServer.revocations()).hasSize(1);
    assertThat(hasGrant(MCP_ID)).isFalse();
  }
}
