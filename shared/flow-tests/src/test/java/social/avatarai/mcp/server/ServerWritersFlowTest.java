package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.isConnected;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.flow.Flow.ServerPut;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.UsersClient;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** Several processes that write one server record, and a process that dies while it does. */
class ServerWritersFlowTest {
  private final Meanwhile meanwhile = new Meanwhile();
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final FakeMcpServer elsewhere = FakeMcpServer.protectedBy(world.authorizationServer);
  /** Another process, whose calls happen when they are made. */
  private final Flow other = world.platform.wiring().flow();

  ServerWritersFlowTest() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
  }

  @AfterEach
  void close() {
    try (world; elsewhere) {
      assertThat(meanwhile.isOver()).isTrue();
    }
  }

  private ObjectNode named(String name) {
    return record(world.mcpServer.url()).put("name", name);
  }

  private ServerRegistry.Kept put(Flow process, ObjectNode record, Precondition precondition) {
    return process.putServer(USER, MCP_ID, new ServerPut(record, precondition), world.now());
  }

  private void otherPuts(ObjectNode record) {
    put(other, record, Precondition.none());
  }

  private ServerRegistry.Kept kept() {
    return world.flow().keptServer(USER, MCP_ID);
  }

  /** Asserts that this is the record that is kept. Its numbers are compared as JSON. */
  private void assertKept(ServerRegistry.Kept expected) {
    assertThat(kept().revision()).isEqualTo(expected.revision());
    assertThat(kept().document()).hasToString(expected.document().toString());
  }

  private String name() {
    return kept().document().path("name").asText();
  }

  private boolean isRecordWrite(SdkRequest request) {
    return request instanceof PutItemRequest put && put.tableName().equals(world.platform.tables().servers());
  }

  private boolean isRecordDeletion(SdkRequest request) {
    return request instanceof DeleteItemRequest delete
        && delete.tableName().equals(world.platform.tables().servers());
  }

  /** An error, because a process that dies catches nothing and writes nothing more. */
  private void dieBefore(Predicate<SdkRequest> call) {
    meanwhile.before(call, () -> {
      throw new Error("the process dies");
    });
  }

  /** Asserts that the grant is as usable as it was, and that no issuer was asked to revoke anything. */
  private void assertGrantIsUntouched() {
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(elsewhere.requests()).noneMatch(request -> request.header("authorization").isPresent());
  }

  @Test
  void ofTwoProcessesThatWriteOneRecordOneWinsTheOtherGets412AndNothingIsLost() throws Exception {
    server.put();
    server.connectWithConsent();
    var read = Precondition.is(kept().revision());
    for (int round = 0; round < 5; round++) {
      var expected = Precondition.is(kept().revision());
      var outcomes = GrantWorld.together(List.of(writing(world.flow(), "ours", expected),
          writing(other, "theirs", expected)));
      var won = outcomes.stream().flatMap(Optional::stream).toList();
      assertThat(won).as("one wins").hasSize(1);
      assertKept(won.getFirst());
    }
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> put(other, named("late"), read));
    assertGrantIsUntouched();
  }

  /** Puts a record. The result is empty where another call has won. */
  private Callable<Optional<ServerRegistry.Kept>> writing(Flow process, String name, Precondition precondition) {
    return () -> {
      try {
        return Optional.of(put(process, named(name), precondition));
      } catch (Failure failure) {
        assertThat(failure.code()).isEqualTo(ErrorCode.CHANGED_MEANWHILE);
        return Optional.empty();
      }
    };
  }

  @Test
  void writerWithoutAPreconditionDoesNotOverwriteWhatItHasNotReadEither() {
    otherPuts(named("first"));
    meanwhile.before(this::isRecordWrite, () -> otherPuts(named("theirs")));
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> server.put(named("ours")));
    assertThat(name()).isEqualTo("theirs");
    server.put(named("ours"));
    assertThat(name()).isEqualTo("ours");
  }

  @Test
  void ofTwoProcessesThatCreateOneRecordOneWins() {
    meanwhile.before(this::isRecordWrite, () -> otherPuts(named("theirs")));
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> server.put(named("ours")));
    assertThat(name()).isEqualTo("theirs");
  }

  @Test
  void recordThatIsDeletedMeanwhileIsNotBroughtBack() {
    otherPuts(named("first"));
    meanwhile.before(this::isRecordWrite, () -> other.deleteServer(USER, MCP_ID, deadline()));
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> server.put(named("ours")));
    assertFails(ErrorCode.NOT_FOUND, this::kept);
  }

  @Test
  void loserThatMovesTheServerHasEndedNoGrant() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isRecordWrite, () -> otherPuts(named("theirs")));
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> server.put(record(elsewhere.url())));
    assertThat(name()).isEqualTo("theirs");
    assertThat(server.status()).isEqualTo("connected");
    assertGrantIsUntouched();
  }

  @Test
  void loserThatSwitchesTheServerOffHasNotSwitchedItOff() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isRecordWrite, () -> otherPuts(named("theirs")));
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> server.put(named("ours").put("enabled", false)));
    assertGrantIsUntouched();
  }

  @Test
  void loserAgainstACallThatSwitchesTheServerOffLeavesItOff() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isRecordWrite, () -> otherPuts(named("theirs").put("enabled", false)));
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> server.put(record(elsewhere.url())));
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
    assertThat(world.authorizationServer.revocations()).isEmpty();
  }

  @Test
  void loserHasStoredNoSecret() {
    var client = new UsersClient(world);
    client.connect();
    meanwhile.before(this::isLease, () -> otherPuts(client.recordWith(UsersClient.SECRET).put("name", "theirs")));
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> server.put(client.recordWith("secret-of-the-loser")));
    assertThat(name()).isEqualTo("theirs");
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(saidBy(server.access(USER))).as("refreshed with the winner's secret").isEqualTo("owner-1");
  }

  /** The lease under which a secret is stored. */
  private boolean isLease(SdkRequest request) {
    return request instanceof UpdateItemRequest update
        && update.tableName().equals(world.platform.tables().registrations());
  }

  // Preconditions

  @Test
  void staleRevisionChangesNothing() {
    var stale = server.put(named("first"));
    var read = kept().revision();
    server.put(named("second"));
    server.connectWithConsent();
    for (var unmet : List.of(Precondition.is(read), Precondition.absent(),
        new Precondition.AnyOf(Set.of(read, Revision.EARLIER)))) {
      assertFails(ErrorCode.CHANGED_MEANWHILE, () -> put(world.flow(), record(elsewhere.url()), unmet));
      assertFails(ErrorCode.CHANGED_MEANWHILE,
          () -> world.flow().deleteServer(USER, MCP_ID, unmet, deadline()));
    }
    assertThat(name()).isEqualTo("second");
    assertThat(stale.path("name").asText()).isEqualTo("first");
    assertGrantIsUntouched();
  }

  @Test
  void absentRecordMeetsNoRevision() {
    for (var unmet : List.of(new Precondition.Present(), Precondition.is(Revision.fresh()))) {
      assertFails(ErrorCode.CHANGED_MEANWHILE, () -> put(world.flow(), named("new"), unmet));
      assertFails(ErrorCode.CHANGED_MEANWHILE,
          () -> world.flow().deleteServer(USER, MCP_ID, unmet, deadline()));
    }
    assertThat(world.servers(USER)).isEmpty();
    put(world.flow(), named("new"), Precondition.absent());
    put(world.flow(), named("newer"), new Precondition.Present());
    assertThat(name()).isEqualTo("newer");
  }

  @Test
  void revisionIsThatOfTheUsersLastWriteWhateverHappensToTheConnection() {
    var put = put(world.flow(), named("first"), Precondition.none());
    server.connectWithConsent();
    server.connect(USER);
    server.disconnect(USER);
    assertThat(kept().revision()).isEqualTo(put.revision());
    var again = put(world.flow(), named("first"), Precondition.is(put.revision()));
    assertThat(again.revision()).isNotEqualTo(put.revision());
    assertKept(again);
  }

  @Test
  void deletionOfARecordThatChangesMeanwhileEndsNoGrant() {
    server.put();
    server.connectWithConsent();
    var read = Precondition.is(kept().revision());
    meanwhile.before(this::isRecordDeletion, () -> otherPuts(named("theirs")));
    assertFails(ErrorCode.CHANGED_MEANWHILE, () -> world.flow().deleteServer(USER, MCP_ID, read, deadline()));
    assertThat(name()).isEqualTo("theirs");
    assertGrantIsUntouched();
  }

  // A process that dies

  @Test
  void processThatDiesBeforeItMovesTheServerLeavesAGrantThatConnectTakesUpAgain() {
    server.put();
    server.connectWithConsent();
    dieBefore(this::isRecordWrite);
    assertThatThrownBy(() -> server.put(record(elsewhere.url()))).hasMessageContaining("dies");
    assertThat(isConnected(server.connect(USER))).isTrue();
    assertGrantIsUntouched();
  }

  @Test
  void grantOfTheFormerUrlIsNotUsedAfterAProcessHasDiedBetweenTheMoveAndItsEnd() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isRecordWrite, () -> dieBefore(request -> true));
    assertThatThrownBy(() -> server.put(record(elsewhere.url()))).hasMessageContaining("dies");
    int before = world.mcpServer.requests().size();
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
    assertThat(world.mcpServer.requests()).hasSize(before);
    server.put(record(elsewhere.url()));
    assertThat(world.authorizationServer.revocations()).hasSize(1);
    assertThat(server.access(USER)).isInstanceOf(Access.ConsentNeeded.class);
  }

  @Test
  void serverThatIsSwitchedOffIsNotUsedWhereverTheProcessDies() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isRecordWrite, () -> dieBefore(request -> true));
    assertThatThrownBy(() -> server.put(named("ours").put("enabled", false))).hasMessageContaining("dies");
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
  }

  @Test
  void deletionThatWasCutOffIsFinishedByTheNextOne() {
    server.put();
    server.connectWithConsent();
    meanwhile.before(this::isRecordDeletion, () -> dieBefore(request -> true));
    assertThatThrownBy(() -> world.flow().deleteServer(USER, MCP_ID, deadline())).hasMessageContaining("dies");
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isTrue();
    assertThat(world.grants().read(new ConnectionKey(USER.user(), MCP_ID))).isEmpty();
    assertFails(ErrorCode.NOT_FOUND, () -> world.flow().deleteServer(USER, MCP_ID, deadline()));
  }
}
