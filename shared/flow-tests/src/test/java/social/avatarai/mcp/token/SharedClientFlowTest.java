package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.TwoIssuers.revokedAt;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * Two connections of one user have grants of one issuer and client. The end of one connection revokes nothing, because
 * some issuers would end both grants. The end of the last connection revokes the tokens of both.
 */
class SharedClientFlowTest {
  private final Meanwhile meanwhile = new Meanwhile();
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  SharedClientFlowTest() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
  }

  @AfterEach
  void close() {
    try (world) {
      assertThat(meanwhile.isOver()).isTrue();
    }
  }

  private void endingEverythingOfTheClient() {
    world.authorizationServer.adjust(knobs -> knobs.revocationEndsEverythingOfTheClient());
  }

  /** The grant of the resource's connection. */
  private Grant ofTheResource() {
    return world.connect();
  }

  /** The grant of a server of the registry, with the same issuer and client. */
  private Grant ofTheServer() {
    server.put();
    return server.connectWithConsent();
  }

  private static String token(Grant grant) {
    return refreshTokenOf(grant).reveal();
  }

  private boolean disconnectResource() {
    return world.flow().disconnect(USER, world.connection(), deadline()).revoked();
  }

  private String kept(ConnectionKey key) {
    var tokens = world.replacedTokens().of(key);
    assertThat(tokens).hasSize(1);
    return Objects.requireNonNull(tokens.getFirst().token()).reveal();
  }

  private void assertLives(Grant grant) {
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(token(grant));
    assertThat(world.grants().read(grant.key())).contains(grant);
  }

  private void assertNothingLives() {
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(world.replacedTokens().connections(USER.user())).isEmpty();
    assertThat(world.grants().connections(USER.user())).isEmpty();
  }

  /** The bug: disconnecting one server ended the grant of another one. */
  @Test
  void disconnectingOneConnectionLeavesTheOtherAlive() {
    endingEverythingOfTheClient();
    var other = ofTheResource();
    var ended = ofTheServer();
    assertThat(ended.client().id()).isEqualTo(other.client().id());
    assertThat(server.disconnect(USER)).isFalse();
    assertLives(other);
    assertThat(world.grants().read(ended.key())).isEmpty();
    assertThat(server.status()).isEqualTo("disconnected");
  }

  @Test
  void endOfTheLastGrantRevokesTheTokensOfAllConnections() {
    var other = ofTheResource();
    var ended = ofTheServer();
    server.disconnect(USER);
    assertThat(kept(ended.key())).isEqualTo(token(ended));
    assertThat(disconnectResource()).isTrue();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(other), token(ended));
    assertNothingLives();
  }

  @Test
  void deletedRecordLeavesTheOtherConnectionAlive() {
    var other = ofTheResource();
    var ended = ofTheServer();
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isFalse();
    assertLives(other);
    disconnectResource();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(other), token(ended));
  }

  @Test
  void movedServerLeavesTheOtherConnectionAlive() {
    var other = ofTheResource();
    ofTheServer();
    try (var elsewhere = FakeMcpServer.protectedBy(world.authorizationServer)) {
      server.put(record(elsewhere.url()));
    }
    assertLives(other);
    disconnectResource();
    assertNothingLives();
  }

  @Test
  void grantThatAnotherClientReplacesIsKeptWhileAnotherConnectionHasItsClient() {
    var replaced = ofTheResource();
    var other = ofTheServer();
    String client = world.register(USER, Json.newObject()).path("client_id").asText();
    var by = world.connect(USER, FlowWorld.as(client));
    assertLives(other);
    assertThat(kept(replaced.key())).isEqualTo(token(replaced));
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(other), token(replaced));
    assertThat(world.authorizationServer.liveRefreshTokens()).containsExactly(token(by));
  }

  @Test
  void grantOfAnotherUserOrClientKeepsNoTokenAlive() {
    world.connect(OTHER, AuthorizationStart.fresh());
    String client = world.register(USER, Json.newObject()).path("client_id").asText();
    world.connect(USER, FlowWorld.as(client));
    var ended = ofTheServer();
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(ended));
  }

  @Test
  void tokensOfARefreshThatComesTooLateAreKeptWhileTheOtherConnectionLives() {
    endingEverythingOfTheClient();
    var other = ofTheResource();
    var ended = ofTheServer();
    world.clock.advance(Duration.ofMinutes(61));
    meanwhile.before(this::isCommit, () -> server.disconnect(USER));
    world.flow().access(USER, new Target.ByConnection(MCP_ID), GrantWorld.call("whoami"), deadline());
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(token(other));
    // The rotated token takes the place of the spent one.
    assertThat(kept(ended.key())).isNotEqualTo(token(ended));
  }

  private boolean isCommit(SdkRequest request) {
    return request instanceof UpdateItemRequest update
        && update.expressionAttributeNames().containsValue("refreshMac");
  }

  @Test
  void accessTokenOfAGrantWithoutRefreshTokenWaitsToo() {
    var other = ofTheResource();
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    var ended = ofTheServer();
    assertThat(server.disconnect(USER)).isFalse();
    assertLives(other);
    String accessToken = ended.tokens().accessToken().reveal();
    assertThat(kept(ended.key())).isEqualTo(accessToken);
    disconnectResource();
    assertThat(world.authorizationServer.revocations()).hasSize(2).last()
        .satisfies(request -> assertThat(request.parameters())
            .containsEntry("token", accessToken).containsEntry("token_type_hint", "access_token"));
    assertThat(world.authorizationServer.accepts(accessToken)).isFalse();
  }

  /**
   * The connection whose grant is deleted last sees no other grant, and revokes both tokens. The other revokes nothing.
   */
  @Test
  void ofTwoConnectionsThatEndAtTheSameTimeOneRevokesBoth() {
    var one = ofTheResource();
    var other = ofTheServer();
    meanwhile.before(DeleteItemRequest.class::isInstance, () -> assertThat(server.disconnect(USER)).isFalse());
    assertThat(disconnectResource()).isTrue();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(one), token(other));
    assertNothingLives();
  }

  @Test
  void grantThatCannotBeReadKeepsTokensAliveToo() {
    var broken = ofTheResource();
    var ended = ofTheServer();
    spoil(broken.key());
    assertThat(server.disconnect(USER)).isFalse();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(kept(ended.key())).isEqualTo(token(ended));
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    assertThat(revokedAt(world.authorizationServer)).containsExactly(token(ended));
  }

  private void spoil(ConnectionKey key) {
    var row = Map.of("pk", AttributeValue.fromS("u#" + key.user()), "sk",
        AttributeValue.fromS(key.connection().value()));
    String table = world.platform.tables().tokens();
    var item = new HashMap<>(world.platform.dynamoDb().getItem(get -> get.tableName(table).key(row)).item());
    item.put("accessToken", AttributeValue.fromB(SdkBytes.fromUtf8String("garbage")));
    world.platform.dynamoDb().putItem(put -> put.tableName(table).item(item));
  }

  @Test
  void forgottenUserEndsAllOfThem() {
    ofTheResource();
    ofTheServer();
    server.disconnect(USER);
    server.connectWithConsent();
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    assertThat(world.authorizationServer.revocations()).hasSize(3);
    assertNothingLives();
  }

  @Test
  void consentThatComesBackDuringForgettingKeepsItsClientForTheNextCall() {
    String client = world.register(USER, Json.newObject()).path("client_id").asText();
    world.connect(USER, FlowWorld.as(client));
    world.connect(USER, FlowWorld.as(client));
    var begun = world.begin(USER, FlowWorld.as(client));
    meanwhile.before(this::isOfAKeptToken, () -> world.callback(begun, world.approve(begun)));
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isPositive();
    // The tokens that are left are revoked as this client.
    assertThat(world.clientsStored()).contains(client);
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    assertThat(world.clientsStored()).doesNotContain(client);
    assertThat(world.authorizationServer.revocations()).hasSize(3);
    assertNothingLives();
  }

  private boolean isOfAKeptToken(SdkRequest request) {
    return request instanceof DeleteItemRequest delete
        && delete.key().getOrDefault("sk", AttributeValue.fromS("")).s().startsWith("old#");
  }

  @Test
  void disconnectingAgainAnswersNotFoundThoughItsTokenIsStillKept() {
    ofTheServer();
    ofTheResource();
    disconnectResource();
    FlowWorld.assertFails(ErrorCode.NOT_FOUND, this::disconnectResource);
    assertThat(world.authorizationServer.revocations()).isEmpty();
  }

  @Test
  void revocationThatFailsIsNotTriedAgain() {
    ofTheResource();
    var ended = ofTheServer();
    server.disconnect(USER);
    world.authorizationServer.revocationEndpoint().next(Response.of(503));
    assertThat(disconnectResource()).isFalse();
    assertThat(world.replacedTokens().of(ended.key())).map(ReplacedToken::token).isEmpty();
  }

  @Test
  void tokenForWhichNoTimeIsLeftWaitsInItsRowForALaterCall() {
    var grant = ofTheResource();
    var shortly = Deadline.in(Duration.ofSeconds(5));
    assertThat(world.flow().disconnect(USER, world.connection(), shortly).revoked()).isFalse();
    assertThat(kept(grant.key())).isEqualTo(token(grant));
    assertThat(disconnectResource()).isTrue();
    assertThat(revokedAt(world.authorizationServer)).contains(token(grant));
  }

  @Test
  void rowOfAKeptTokenThatCannotBeReadCostsNoOtherConnection() {
    ofTheServer();
    var grant = ofTheResource();
    assertThat(server.disconnect(USER)).isFalse();
    var client = world.platform.dynamoDb();
    String table = world.platform.tables().tokens();
    var row = client.scan(scan -> scan.tableName(table)).items().stream()
        .filter(item -> item.toString().contains("old#" + MCP_ID)).findFirst().orElseThrow();
    var odd = new HashMap<>(row);
    odd.remove("replacedAtMillis");
    client.putItem(put -> put.tableName(table).item(odd));

    assertThat(disconnectResource()).isTrue();
    assertThat(revokedAt(world.authorizationServer)).contains(token(grant));
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    assertThat(client.scan(scan -> scan.tableName(table)).items().toString()).doesNotContain("old#");
  }
}
