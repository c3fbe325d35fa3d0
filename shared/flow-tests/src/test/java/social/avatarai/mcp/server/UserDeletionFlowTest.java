package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.server.UserDeletion.Progress;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The deletion of a user by the user or the operator. It is repeated until it is done, and it is not done before late
 * flows are over.
 */
class UserDeletionFlowTest {
  private final FlowWorld world = FlowWorld.start(knobs -> knobs.managesRegistrations());
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  private Progress forget(Caller caller) {
    return forget(caller, deadline());
  }

  private Progress forget(Caller caller, Deadline deadline) {
    return world.flow().forgetUser(caller, USER.user(), deadline);
  }

  /** Makes a grant with the user's own client, one with the deployment's client, and a record. */
  private void connectTwice() {
    String client = world.register(USER, Json.newObject()).path("client_id").asText();
    world.connect(USER, FlowWorld.as(client));
    server.put(withClient(record(world.mcpServer.url()), world.authorizationServer.issuer(), "client-by-hand",
        world.contextCallback()));
    server.put();
    server.connectWithConsent();
  }

  private boolean hasSecrets() {
    return ((MemoryVault) world.platform.vault()).contents().keySet().stream()
        .anyMatch(name -> name.contains("/client/") && !name.contains(deploymentsPart()));
  }

  private static String deploymentsPart() {
    return Digest.sha256Hex("d#");
  }

  /** The items under the user's keys in the three tables that outlive a flow, without leases and counters. */
  private Stream<String> left() {
    var tables = world.platform.tables();
    return Stream.of(tables.tokens(), tables.registrations(), tables.servers())
        .flatMap(table -> world.platform.dynamoDb().scan(scan -> scan.tableName(table)).items().stream())
        .filter(item -> item.getOrDefault("pk", AttributeValue.fromS("")).s().equals("u#" + USER.user()))
        .map(item -> item.getOrDefault("sk", AttributeValue.fromS("")).s())
        .filter(sort -> !sort.contains("lease") && !sort.contains("counter"));
  }

  @Test
  void allOfAUserIsRevokedAndForgotten() {
    connectTwice();
    assertThat(forget(USER)).isEqualTo(new Progress(0, UserDeletion.SESSIONS_OVER));
    assertThat(world.authorizationServer.revocations()).hasSize(2);
    assertThat(world.authorizationServer.registrationManagement().requests()).hasSize(1);
    assertThat(left()).containsExactly("forgetting#");
    assertThat(hasSecrets()).isFalse();
    assertThat(world.servers(USER)).isEmpty();
    world.clock.advance(UserDeletion.SESSIONS_OVER);
    assertThat(forget(USER).isDone()).isTrue();
    assertThat(left()).isEmpty();
    assertThat(world.log()).contains("\"event\":\"user_forgotten\"").contains("\"grants\":2").contains("\"servers\":1")
        .contains("\"registrations\":1").contains("\"done\":true");
  }

  @Test
  void flowThatComesBackInBetweenIsForgottenByTheNextCall() {
    var begun = world.begin();
    assertThat(forget(USER).isDone()).isFalse();
    world.clock.advance(Duration.ofMinutes(9));
    world.callback(begun, world.approve(begun));
    assertThat(world.stored(USER)).isPresent();
    world.clock.advance(Duration.ofMinutes(2));
    assertThat(forget(USER).isDone()).isTrue();
    assertThat(world.stored(USER)).isEmpty();
    assertThat(world.authorizationServer.revocations()).hasSize(1);
  }

  @Test
  void itIsNotDoneBeforeSessionsAreOverHoweverOftenItIsAsked() {
    forget(USER);
    world.clock.advance(UserDeletion.SESSIONS_OVER.minusMillis(1));
    assertThat(forget(USER)).isEqualTo(new Progress(0, Duration.ofMillis(1)));
    world.clock.advance(Duration.ofMillis(1));
    assertThat(forget(USER).isDone()).isTrue();
    // The next deletion starts from the beginning.
    assertThat(forget(USER)).isEqualTo(new Progress(0, UserDeletion.SESSIONS_OVER));
  }

  @Test
  void operatorMayHaveAUserForgottenAndAnotherUserMayNot() {
    connectTwice();
    assertFails(ErrorCode.FORBIDDEN, () -> forget(OTHER));
    assertThat(world.stored(USER)).isPresent();
    forget(OPERATOR);
    assertThat(left()).containsExactly("forgetting#");
  }

  @Test
  void nothingOfOthersIsForgotten() {
    connectTwice();
    world.connect(OTHER, FlowWorld.as(world.register(OTHER, Json.newObject()).path("client_id").asText()));
    world.register(OPERATOR, Json.newObject());
    forget(USER);
    assertThat(world.stored(OTHER)).isPresent();
    assertThat(world.authorizationServer.accepts(world.stored(OTHER).orElseThrow().tokens().accessToken().reveal()))
        .isTrue();
    assertThat(hasSecrets()).isTrue();
    // The user can connect again with the deployment's own client.
    world.connect();
  }

  @Test
  void withoutTimeNothingIsDoneAndTheNextCallGoesOn() {
    connectTwice();
    var first = forget(USER, Deadline.in(Duration.ofSeconds(2)));
    assertThat(first.left()).isEqualTo(4);
    assertThat(first.retryAfterSeconds()).isZero();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    world.clock.advance(UserDeletion.SESSIONS_OVER);
    assertThat(forget(USER).isDone()).isTrue();
  }

  @Test
  void issuersThatAreOfNoHelpDoNotKeepAUserFromBeingForgotten() {
    connectTwice();
    world.authorizationServer.revocationEndpoint().next(Response.of(503), Response.NONE);
    world.authorizationServer.registrationManagement().next(Response.of(503));
    forget(USER);
    assertThat(left()).containsExactly("forgetting#");
    assertThat(hasSecrets()).isFalse();
  }

  @Test
  void grantThatCannotBeReadIsForgottenToo() {
    var key = world.connect().key();
    var table = world.platform.tables().tokens();
    world.platform.dynamoDb()
        .updateItem(update -> update.tableName(table)
            .key(Map.of("pk", AttributeValue.fromS("u#" + key.user()), "sk",
                AttributeValue.fromS(key.connection().value())))
            .updateExpression("SET accessToken = :garbage").expressionAttributeValues(
                Map.of(":garbage", AttributeValue.fromB(SdkBytes.fromUtf8String("garbage")))));
    forget(USER);
    assertThat(left()).containsExactly("forgetting#");
  }

  @Test
  void registrationThatCannotBeReadIsForgottenToo() {
    world.register(USER, Json.newObject());
    var table = world.platform.tables().registrations();
    var client = world.platform.dynamoDb();
    client.scan(scan -> scan.tableName(table).consistentRead(true)).items().stream()
        .filter(item -> item.containsKey("redirectUris")).forEach(item -> {
          var edited = new HashMap<>(item);
          edited.put("clientMethod", AttributeValue.fromS("none"));
          client.putItem(put -> put.tableName(table).item(edited));
        });
    forget(USER);
    assertThat(left()).containsExactly("forgetting#");
  }
}
