package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.OtherApp.document;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.server.ServerImport.Result;
import social.avatarai.mcp.server.ServerImport.Status;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.world.BuiltInWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.OtherApp;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;

/** Documents with built-in records: the operator's, and those that users export. */
class BuiltInImportFlowTest {
  private final Meanwhile meanwhile = new Meanwhile();
  private final FlowWorld world = FlowWorld.start();
  private final BuiltInWorld server = new BuiltInWorld(world);
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    world.close();
  }

  private ObjectNode builtIn(String name) {
    return BuiltInWorld.builtIn(world.mcpServer.url()).put("mcpId", MCP_ID.value()).put("name", name);
  }

  private List<Result> importWithBuiltIns(Caller caller, ObjectNode... records) {
    return world.flow().importWithBuiltIns(caller, document(records), false, world.now());
  }

  private static String reason(Result result) {
    assertThat(result.status()).isEqualTo(Status.SKIPPED);
    return ((Result.Skipped) result).reason();
  }

  @Test
  void operatorImportsABuiltInRecordForAllUsers() {
    var first = importWithBuiltIns(OPERATOR, builtIn("first"), record("https://mcp.example/own").put("mcpId", "own"));
    assertThat(first).extracting(Result::status).containsExactly(Status.CREATED, Status.CREATED);
    var again = importWithBuiltIns(OPERATOR, builtIn("second").put("userId", OPERATOR.user().value())).getFirst();
    assertThat(again.status()).isEqualTo(Status.UPDATED);
    assertThat(((Result.Imported) again).shown().path("isBuiltin").asBoolean()).isTrue();
    for (var caller : List.of(USER, OTHER))
      assertThat(server.list(caller)).extracting(seen -> seen.path("name").asText()).containsExactly("second");
  }

  @Test
  void builtInRecordWithTokensFailsAlone() {
    var record = builtIn("with tokens");
    record.putObject("authorization").putObject("credentials").put("access_token", "invented-token");
    var results = importWithBuiltIns(OPERATOR, record, record("https://mcp.example/own").put("mcpId", "own"));
    assertThat(results).extracting(Result::status).containsExactly(Status.FAILED, Status.CREATED);
    assertThat(((Result.Failed) results.getFirst()).failure().code()).isEqualTo(ErrorCode.UNSUPPORTED_RECORD);
    assertThat(server.list(USER)).isEmpty();
  }

  @Test
  void usersExportImportsAgainAndLeavesOutTheOperatorsRecord() {
    server.put(builtIn("the operator's"));
    world.flow().putServer(USER, new ConnectionId("own"), record("https://mcp.example/own"), world.now());
    var exported = world.servers(USER).toArray(ObjectNode[]::new);
    var results = world.flow().importServers(USER, document(exported), false, world.now());
    assertThat(results).extracting(Result::status).containsExactly(Status.SKIPPED, Status.UPDATED);
    assertThat(((Result.Skipped) results.getFirst()).reason()).contains("The operator has written this record");
    assertThat(world.servers(USER)).extracting(seen -> seen.path("isBuiltin").asBoolean())
        .containsExactly(true, false);
  }

  @Test
  void usersDocumentThatTheOperatorHandsOnBecomesNoRecordOfAllUsers() {
    var theirs = builtIn("the user's").put("userId", USER.user().value());
    assertThat(reason(app.importAs(OPERATOR, theirs).getFirst())).contains("builtIn=true");
    assertThat(reason(app.importAs(OPERATOR, builtIn("nobody is named")).getFirst())).contains("builtIn=true");
    assertThat(reason(importWithBuiltIns(OPERATOR, theirs).getFirst())).contains("its userId is another user's");
    assertThat(reason(importWithBuiltIns(USER, builtIn("of a user")).getFirst())).contains("The operator has written");
    assertThat(world.servers(OTHER)).isEmpty();
    assertThat(world.servers(USER)).isEmpty();
  }

  @Test
  void exportOfAUserThatTheOperatorHandsOnDoesNotReplaceTheOperatorsRecord() {
    server.put(builtIn("the operator's"));
    var exported = server.seenBy(USER).put("name", "the user's");
    exported.withObject("/endpoint").put("url", world.mcpServer.url() + "-of-the-user");
    assertThat(app.importAs(OPERATOR, exported)).extracting(Result::status).containsExactly(Status.SKIPPED);
    assertThat(importWithBuiltIns(OPERATOR, exported)).extracting(Result::status).containsExactly(Status.SKIPPED);
    assertThat(server.seenBy(OTHER).path("name").asText()).isEqualTo("the operator's");
    assertThat(server.seenBy(OTHER).at("/endpoint/url").asText()).isEqualTo(world.mcpServer.url());
  }

  @Test
  void secondBuiltInRecordWithOneIdInOneImportIsNotStored() {
    var results = importWithBuiltIns(OPERATOR, builtIn("first"),
        builtIn("second").put("userId", OPERATOR.user().value()), builtIn("third").put("userId", "user-three"));
    assertThat(results).extracting(Result::status).containsExactly(Status.CREATED, Status.FAILED, Status.SKIPPED);
    assertThat(((Result.Failed) results.get(1)).failure().safeMessage()).contains("the same mcpId");
    assertThat(server.seenBy(USER).path("name").asText()).isEqualTo("first");
  }

  @Test
  void tokensOfARecordThatIsDeletedMeanwhileDoNotBecomeTheGrantOfTheBuiltInOneWithItsId() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    Flow other = world.platform.wiring().flow();
    var record = app.record();
    config(record).remove("client_id");
    config(record).remove("client_secret");
    meanwhile.before(request -> isGrantWrite(request), () -> {
      other.deleteServer(USER, MCP_ID, FlowWorld.deadline());
      server.put(builtIn("the operator's"));
    });
    assertThat(app.importOne(record).tokens()).isEqualTo(LiveGrants.Outcome.KEPT);
    assertThat(meanwhile.isOver()).isTrue();
    assertThat(world.grants().read(new ConnectionKey(USER.user(), MCP_ID))).isEmpty();
    assertThat(server.status(USER)).isEqualTo("disconnected");
  }

  private boolean isGrantWrite(Object request) {
    String table = world.platform.tables().tokens();
    return (request instanceof PutItemRequest put && put.tableName().equals(table))
        || (request instanceof TransactWriteItemsRequest all && all.transactItems().stream()
            .anyMatch(item -> item.put() != null && item.put().tableName().equals(table)));
  }
}
