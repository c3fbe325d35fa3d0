package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.BuiltInWorld.builtIn;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.document;
import static social.avatarai.mcp.world.OtherApp.withoutSecrets;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.aws.dynamodb.DynamoDbServers;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.BuiltInWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/** A writer of a server record that is slow, or whose store fails, and the grant that the connection has by then. */
class SlowWriterFlowTest {
  private static final ConnectionKey KEY = new ConnectionKey(USER.user(), MCP_ID);

  private final Meanwhile meanwhile = new Meanwhile();
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final FakeMcpServer elsewhere = FakeMcpServer.protectedBy(world.authorizationServer);
  private final OtherApp app = new OtherApp(world);
  /** Another process, whose calls happen when they are made. */
  private final Flow other = world.platform.wiring().flow();

  SlowWriterFlowTest() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
  }

  @AfterEach
  void close() {
    try (world; elsewhere) {
      assertThat(meanwhile.isOver()).isTrue();
    }
  }

  private boolean isRecordWrite(SdkRequest request) {
    return request instanceof PutItemRequest put && put.tableName().equals(world.platform.tables().servers());
  }

  private boolean isRecordDeletion(SdkRequest request) {
    return request instanceof DeleteItemRequest delete && delete.tableName().equals(world.platform.tables().servers());
  }

  /** Something that happens after a call to the store and before the next one. */
  private void after(Predicate<SdkRequest> call, Runnable happening) {
    meanwhile.before(call, () -> meanwhile.before(_ -> true, happening));
  }

  private void otherImports(ObjectNode record) {
    assertThat(other.importServers(USER, document(record), false, world.now())).singleElement()
        .extracting(ServerImport.Result::tokens).isEqualTo(LiveGrants.Outcome.IMPORTED);
  }

  private Optional<Grant> grant() {
    return world.grants().read(KEY);
  }

  /** The newer record of the other app, whose tokens this service does not have yet. */
  private ObjectNode connectedWithAnOlderRecord() {
    app.importOne(app.record());
    world.clock.advance(Duration.ofMinutes(1));
    return app.record();
  }

  private void assertHasTheTokensOf(ObjectNode record) {
    var refreshToken = OtherApp.credentials(record).path("refresh_token").asText();
    assertThat(OtherApp.refreshTokenOf(grant().orElseThrow().tokens())).isEqualTo(refreshToken);
    assertThat(world.authorizationServer.revocations().toString()).doesNotContain(refreshToken);
    assertThat(saidBy(server.access(USER))).as("the second consent").isEqualTo("owner-2");
  }

  // A later record has a grant

  @Test
  void slowWriterThatMovesTheServerEndsNoGrantOfALaterRecord() {
    var newer = connectedWithAnOlderRecord();
    var moved = withoutSecrets(newer);
    moved.withObject("/endpoint").put("url", elsewhere.url());
    after(this::isRecordWrite, () -> otherImports(newer));
    server.put(moved);
    assertHasTheTokensOf(newer);
    assertThat(elsewhere.requests()).noneMatch(request -> request.header("authorization").isPresent());
  }

  @Test
  void slowDeletionEndsNoGrantOfARecordThatIsPutAfterIt() {
    var newer = connectedWithAnOlderRecord();
    after(this::isRecordDeletion, () -> otherImports(newer));
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertHasTheTokensOf(newer);
  }

  @Test
  void slowWriterStillEndsTheGrantThatItsOwnChangeEnds() {
    var newer = connectedWithAnOlderRecord();
    var moved = withoutSecrets(newer);
    moved.withObject("/endpoint").put("url", elsewhere.url());
    after(this::isRecordWrite, () -> other.putServer(USER, MCP_ID, moved.deepCopy().put("name", "later"), world.now()));
    server.put(moved);
    assertThat(grant()).isEmpty();
    assertThat(world.authorizationServer.revocations()).isNotEmpty();
  }

  // A built-in record is visible where the user's own one is gone

  private void deleteOwnRecord() {
    var dynamoDb = world.platform.dynamoDb();
    new DynamoDbServers(dynamoDb, world.platform.tables(), world.cipher()).delete(KEY);
  }

  private void connectedBesideABuiltInRecord() {
    server.put();
    server.connectWithConsent();
    other.putServer(OPERATOR, MCP_ID, builtIn(world.mcpServer.url()), world.now());
  }

  @Test
  void writerThatFindsItsRecordDeletedSwitchesNoGrantOnForABuiltInRecord() {
    connectedBesideABuiltInRecord();
    meanwhile.before(this::isRecordWrite, this::deleteOwnRecord);
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> server.put(record(elsewhere.url())));
    assertThat(grant()).hasValueSatisfying(own -> assertThat(own.enabled()).isFalse());
    server.begin();
    assertThat(grant()).as("a grant of the user's own record is none of the built-in one").isEmpty();
  }

  @Test
  void slowWriterKeepsNoGrantOfADeletedRecordForABuiltInRecord() {
    var newer = connectedWithAnOlderRecord();
    other.putServer(OPERATOR, MCP_ID, builtIn(world.mcpServer.url()), world.now());
    var moved = withoutSecrets(newer);
    moved.withObject("/endpoint").put("url", elsewhere.url());
    after(this::isRecordWrite, () -> {
      otherImports(newer);
      deleteOwnRecord();
    });
    server.put(moved);
    assertThat(grant()).isEmpty();
  }

  @Test
  void slowWriterEndsNoGrantOfTheBuiltInRecordThatIsVisibleAfterItsOwnWasDeleted() {
    connectedBesideABuiltInRecord();
    after(this::isRecordWrite, () -> {
      other.deleteServer(USER, MCP_ID, deadline());
      var unwatched = new BuiltInWorld(world);
      unwatched.connectWithConsent(USER);
    });
    server.put(record(elsewhere.url()));
    assertThat(grant()).hasValueSatisfying(held -> assertThat(held.builtIn()).isTrue());
  }

  // The store fails

  private static DynamoDbException throttled() {
    return ProvisionedThroughputExceededException.builder().message("throttled").build();
  }

  private void throttle(Predicate<SdkRequest> call) {
    meanwhile.before(call, () -> {
      throw throttled();
    });
  }

  @Test
  void writeThatTheStoreRefusesLeavesTheGrantInUse() {
    server.put();
    server.connectWithConsent();
    throttle(this::isRecordWrite);
    assertThatThrownBy(() -> server.put(record(elsewhere.url()))).hasMessageContaining("throttled");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void deletionThatTheStoreRefusesLeavesTheGrantInUse() {
    server.put();
    server.connectWithConsent();
    throttle(this::isRecordDeletion);
    assertThatThrownBy(() -> world.flow().deleteServer(USER, MCP_ID, deadline())).hasMessageContaining("throttled");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  /** Neither the record is written, nor does the grant follow the old one again. */
  private void leaveSwitchedOff() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isRecordWrite, () -> {
      meanwhile.before(_ -> true, () -> {
        throw new IllegalStateException("the second failure");
      });
      throw throttled();
    });
    assertThatThrownBy(() -> server.put(record(elsewhere.url()))).hasMessageContaining("throttled");
    assertThat(world.logged("grant_left_disabled")).hasSize(1);
    assertThat(grant().orElseThrow().enabled()).isFalse();
  }

  @Test
  void grantThatWasLeftSwitchedOffWorksAgainAtTheNextCall() {
    leaveSwitchedOff();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(grant().orElseThrow().enabled()).isTrue();
  }

  @Test
  void grantThatWasLeftSwitchedOffIsRenewedWhenItIsDue() {
    leaveSwitchedOff();
    world.clock.advance(Duration.ofDays(1));
    world.refreshDue();
    assertThat(world.refreshes()).isOne();
    assertThat(grant().orElseThrow().enabled()).isTrue();
  }

  @Test
  void grantOfARecordThatIsSwitchedOffIsNeitherUsedNorRenewed() {
    server.put();
    server.connectWithConsent();
    server.put(record(world.mcpServer.url()).put("enabled", false));
    world.clock.advance(Duration.ofDays(1));
    world.refreshDue();
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
    assertThat(world.refreshes()).isZero();
    assertThat(grant().orElseThrow().enabled()).isFalse();
  }
}
