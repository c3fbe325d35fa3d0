package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.OtherApp.document;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.server.ServerImport.Result;
import social.avatarai.mcp.server.ServerImport.Status;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.OtherApp;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** An import that stores all records or none, whose store fails between two writes of one record. */
class HalfwayImportFlowTest {
  private final Meanwhile meanwhile = new Meanwhile();
  private final FlowWorld world = FlowWorld.start();
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    try (world) {
      assertThat(meanwhile.isOver()).isTrue();
    }
  }

  private List<Result> importAtomically(ObjectNode... records) {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    return world.flow().importServers(USER, document(records), true, world.now());
  }

  private static ObjectNode named(String mcpId) {
    return record("https://mcp.example/" + mcpId).put("mcpId", mcpId);
  }

  private Predicate<SdkRequest> writeOf(String mcpId) {
    return request -> request instanceof PutItemRequest put
        && put.tableName().equals(world.platform.tables().servers())
        && put.item().containsValue(AttributeValue.fromS(mcpId));
  }

  private static boolean isWriteOfGrant(SdkRequest request) {
    return request instanceof PutItemRequest put && put.item().containsKey("accessToken");
  }

  private boolean isReadOfRecord(SdkRequest request) {
    return request instanceof GetItemRequest get && get.tableName().equals(world.platform.tables().servers());
  }

  private boolean isReadOfGrant(SdkRequest request) {
    return request instanceof GetItemRequest get && get.tableName().equals(world.platform.tables().tokens());
  }

  private boolean isChangeOfClients(SdkRequest request) {
    return request.toString().contains(world.platform.tables().registrations())
        && (request instanceof DeleteItemRequest || request instanceof UpdateItemRequest
            || request instanceof PutItemRequest);
  }

  /** The first call of this kind after that one fails. */
  private void failAfter(Predicate<SdkRequest> that, Predicate<SdkRequest> failing) {
    meanwhile.before(that, () -> {});
    fail(failing);
  }

  private void fail(Predicate<SdkRequest> failing) {
    meanwhile.before(failing, () -> {
      throw new IllegalStateException("the store does not respond");
    });
  }

  private void assertNothingIsStored() {
    assertThat(world.servers(USER)).isEmpty();
    assertThat(world.grants().connections(USER.user())).isEmpty();
    assertThat(world.registrations().all(Owner.of(USER.user()))).isEmpty();
  }

  @Test
  void recordAfterWhoseWriteTheStoreFailsIsTakenBackToo() {
    failAfter(writeOf("two"), this::isReadOfGrant);
    var results = importAtomically(named("one"), named("two"), named("three"));
    assertThat(results).extracting(Result::status).containsExactly(Status.SKIPPED, Status.FAILED, Status.SKIPPED);
    assertNothingIsStored();
  }

  @Test
  void grantAfterWhoseWriteTheStoreFailsIsTakenBackToo() {
    failAfter(HalfwayImportFlowTest::isWriteOfGrant, this::isReadOfRecord);
    fail(writeOf("two"));
    var results = importAtomically(app.record(), named("two"));
    assertThat(results).extracting(Result::status).containsExactly(Status.SKIPPED, Status.FAILED);
    assertNothingIsStored();
  }

  @Test
  void clientThatCannotBeForgottenIsSaidToBeLeft() {
    var one = withClient(named("one"), "https://issuer.example", "client-one", "https://api.example.com/callback");
    config(one).put("client_secret", "invented-secret-of-client-one").remove("redirect_uri");
    fail(writeOf("two"));
    fail(this::isChangeOfClients);
    var results = importAtomically(one, named("two"));
    assertThat(((Result.Skipped) results.getFirst()).reason()).contains("its client could not be taken back");
    assertThat(world.servers(USER)).isEmpty();
    assertThat(world.registrations().all(Owner.of(USER.user()))).hasSize(1);
  }

  @Test
  void recordThatWouldForgetWhatItsServerOffersIsRefusedBeforeAnythingIsWritten() {
    world.flow().putServer(USER, new ConnectionId("one"), named("one").put("syncResources", true),
        world.now());
    var results = importAtomically(named("one").put("syncResources", false), named("two"));
    assertThat(((Result.Failed) results.getFirst()).failure().safeMessage()).contains("forget what the server offers");
    assertThat(world.servers(USER)).hasSize(1);
  }
}
