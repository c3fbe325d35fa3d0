package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.OtherApp.document;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.server.ServerImport.Result;
import social.avatarai.mcp.server.ServerImport.Status;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.BuiltInWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.OtherApp;
import social.avatarai.mcp.world.ServerWorld;
import social.avatarai.mcp.world.UsersClient;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/** An import that stores all records or none, and the records whose client cannot be kept. */
class AtomicImportFlowTest {
  private static final String BROKEN = "https://broken.example";

  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    world.close();
  }

  private static ObjectNode named(String mcpId) {
    return record("https://mcp.example/" + mcpId).put("mcpId", mcpId);
  }

  private static List<Status> statuses(List<Result> results) {
    return results.stream().map(Result::status).toList();
  }

  private static Failure failure(Result result) {
    assertThat(result).isInstanceOf(Result.Failed.class);
    return ((Result.Failed) result).failure();
  }

  private static String reason(Result result) {
    assertThat(result).isInstanceOf(Result.Skipped.class);
    return ((Result.Skipped) result).reason();
  }

  private List<String> ids(Caller caller) {
    return world.servers(caller).stream().map(server -> server.path("mcpId").asText()).toList();
  }

  private List<Result> atomic(Caller caller, ObjectNode... records) {
    return world.flow().importServers(caller, document(records), true, world.now());
  }

  private Grant grant() {
    return world.grants().read(new ConnectionKey(USER.user(), MCP_ID)).orElseThrow();
  }

  /** A record whose client's secret cannot be stored, although nothing is wrong with it. */
  private ObjectNode failing() {
    var vault = (MemoryVault) world.platform.vault();
    var before = vault.contents().keySet();
    world.flow().putServer(USER, new ConnectionId("filler"), withSecretAtBroken("filler"), world.now());
    vault.contents().keySet().stream().filter(name -> !before.contains(name))
        .forEach(name -> vault.replace(name, "not readable"));
    return withSecretAtBroken("fails");
  }

  private static ObjectNode withSecretAtBroken(String mcpId) {
    var record = withClient(named(mcpId), BROKEN, "client-of-" + mcpId, "https://api.example.com/callback");
    config(record).put("client_secret", "invented").remove("redirect_uri");
    return record;
  }

  private ObjectNode connectedRecord() {
    var record = new UsersClient(world).recordWith(UsersClient.SECRET).put("mcpId", MCP_ID.value());
    new UsersClient(world).connect();
    return record;
  }

  @Test
  void allOrNothingStoresAllWhereNothingIsWrong() {
    assertThat(statuses(atomic(USER, named("one"), named("two")))).containsOnly(Status.CREATED);
    assertThat(ids(USER)).containsExactly("one", "two");
  }

  @Test
  void allOrNothingStoresNothingWhereOneIsWrong() {
    var results = atomic(USER, named("one"), named("theirs").put("userId", OTHER.user().value()), named("two"));
    assertThat(statuses(results)).containsExactly(Status.SKIPPED, Status.FAILED, Status.SKIPPED);
    assertThat(reason(results.getFirst())).contains("Nothing of this record is stored");
    assertThat(ids(USER)).isEmpty();
  }

  @Test
  void allOrNothingAsksTheStoreBeforeItWrites() {
    var hidden = named("hidden");
    hidden.withObject("/endpoint").put("url", "https://mcp.example/hidden?***");
    assertThat(statuses(atomic(USER, named("one"), hidden))).containsExactly(Status.SKIPPED, Status.FAILED);
    app.importAs(USER, IntStream.range(0, 99).mapToObj(i -> named("s-" + i)).toArray(ObjectNode[]::new));
    assertThat(statuses(atomic(USER, named("one"), named("two")))).containsOnly(Status.FAILED);
    assertThat(statuses(atomic(USER, named("one"), named("s-1")))).containsExactly(Status.CREATED, Status.UPDATED);
  }

  @Test
  void allOrNothingTakesBackWhatItHasWrittenWhenAWriteFails() {
    app.importAs(USER, named("old").put("name", "before"));
    var fails = failing();
    var withTokens = app.record().put("mcpId", "with-tokens");
    var results = atomic(USER, named("old").put("name", "after"), withTokens, fails, named("last"));
    assertThat(statuses(results)).containsExactly(Status.SKIPPED, Status.SKIPPED, Status.FAILED, Status.SKIPPED);
    assertThat(ids(USER)).containsExactly("filler", "old");
    assertThat(world.flow().server(USER, new ConnectionId("old")).path("name").asText()).isEqualTo("before");
    assertThat(world.logged("tokens_not_imported")).isEmpty();
    assertThat(world.grants().connections(USER.user())).isEmpty();
    assertThat(world.authorizationServer.revocations()).as("the tokens are still the user's").isEmpty();
    assertThat(world.registrations().all(Owner.of(USER.user()))).as("only the client of the filler is left").hasSize(1);
  }

  @Test
  void grantOfARecordThatIsTakenBackIsSwitchedOnAndHasItsUrlAsBefore() {
    var before = connectedRecord();
    var grant = grant();
    var off = before.deepCopy().put("enabled", false);
    off.withObject("/endpoint").put("url", world.mcpServer.url() + "?other=query");
    assertThat(statuses(atomic(USER, off, failing()))).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(world.flow().server(USER, MCP_ID).path("enabled").asBoolean(true)).isTrue();
    assertThat(grant().enabled()).isTrue();
    assertThat(grant().target()).isEqualTo(grant.target());
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void grantOfARecordThatIsTakenBackStaysSwitchedOff() {
    var before = connectedRecord();
    server.put(before.deepCopy().put("enabled", false));
    assertThat(statuses(atomic(USER, before, failing()))).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(grant().enabled()).isFalse();
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.access(USER));
  }

  @Test
  void clientThatWasKnownBeforeStaysWhenItsRecordIsTakenBack() {
    String id = world.register(USER, Json.newObject()).path("client_id").asText();
    var issuer = new Issuer(world.authorizationServer.issuer());
    var known = world.registrations().find(Owner.of(USER.user()), issuer, new ClientId(id));
    var record = withClient(named("one"), issuer.value(), id, world.contextCallback());
    assertThat(statuses(atomic(USER, record, failing()))).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(world.registrations().find(Owner.of(USER.user()), issuer, new ClientId(id))).isPresent()
        .isEqualTo(known);
  }

  @Test
  void clientThatARecordHasDescribedBeforeIsDescribedAsBefore() {
    var before = connectedRecord();
    var issuer = new Issuer(world.authorizationServer.issuer());
    var id = new ClientId(config(before).path("client_id").asText());
    var known = world.registrations().find(Owner.of(USER.user()), issuer, id);
    var changed = before.deepCopy();
    config(changed).put("token_endpoint_auth_method", "client_secret_post").remove("redirect_uri");
    assertThat(statuses(atomic(USER, changed, failing()))).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(world.registrations().find(Owner.of(USER.user()), issuer, id)).isPresent().isEqualTo(known);
  }

  @Test
  void recordThatAnotherCallHasChangedSinceIsReportedAsStored() {
    var meanwhile = new Meanwhile();
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    var other = world.platform.wiring().flow();
    var fails = failing();
    meanwhile.before(AtomicImportFlowTest::isDeletionOfOne,
        () -> other.putServer(USER, new ConnectionId("one"), named("one").put("name", "of another call"), world.now()));
    assertThat(statuses(atomic(USER, named("one"), fails))).containsExactly(Status.CREATED, Status.FAILED);
    assertThat(meanwhile.isOver()).isTrue();
    assertThat(world.flow().server(USER, new ConnectionId("one")).path("name").asText()).isEqualTo("of another call");
  }

  private static boolean isDeletionOfOne(SdkRequest request) {
    return request instanceof DeleteItemRequest delete && delete.key().containsValue(AttributeValue.fromS("one"));
  }

  @Test
  void recordThatIsChangedBetweenItsJudgementAndItsWriteFailsAndAllIsTakenBack() {
    var meanwhile = new Meanwhile();
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
    var other = world.platform.wiring().flow();
    server.put();
    meanwhile.before(request -> request instanceof PutItemRequest,
        () -> other.putServer(USER, MCP_ID, record(world.mcpServer.url()).put("name", "of another call"), world.now()));
    var results = atomic(USER, named("one"), record(world.mcpServer.url()).put("mcpId", MCP_ID.value()));
    assertThat(statuses(results)).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(failure(results.getLast()).code()).isEqualTo(ErrorCode.CHANGED_MEANWHILE);
    assertThat(ids(USER)).containsExactly(MCP_ID.value());
  }

  // What cannot be taken back is refused before anything is written.

  private void assertIrreversible(ObjectNode record, String what) {
    var results = atomic(USER, named("other"), record);
    assertThat(statuses(results)).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(failure(results.getLast()).safeMessage()).contains(what).contains("Import it without atomic");
    assertThat(ids(USER)).containsExactly(MCP_ID.value());
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void allOrNothingReplacesNoSecretOfAKnownClient() {
    var record = connectedRecord();
    config(record).put("client_secret", UsersClient.NEXT_SECRET);
    assertIrreversible(record, "secret of a known client");
    config(record).put("client_secret", UsersClient.SECRET);
    assertThat(statuses(atomic(USER, record))).as("the same secret").containsExactly(Status.UPDATED);
  }

  @Test
  void allOrNothingEndsNoGrantAndNoUseOfAClient() {
    var record = connectedRecord();
    var moved = record.deepCopy();
    moved.withObject("/endpoint").put("url", "https://mcp.example/elsewhere");
    assertIrreversible(moved, "end the connection's grant");
    var clientless = record.deepCopy();
    config(clientless).remove("client_id");
    config(clientless).remove("client_secret");
    config(clientless).remove("redirect_uri");
    assertIrreversible(clientless, "former client");
  }

  @Test
  void allOrNothingReplacesNoGrantByNewerTokensAndTakesTheSameDocumentAgain() {
    var record = app.record();
    assertThat(statuses(atomic(USER, record))).containsExactly(Status.CREATED);
    var again = atomic(USER, record);
    assertThat(statuses(again)).containsExactly(Status.UPDATED);
    assertThat(again.getFirst().tokens()).isEqualTo(LiveGrants.Outcome.OLDER);
    world.clock.advance(Duration.ofMinutes(10));
    assertIrreversible(app.record(), "replace the connection's grant");
  }

  // Built-in records.

  @Test
  void allOrNothingRefusesBuiltInRecords() {
    var document = document(named("own"), BuiltInWorld.builtIn(world.mcpServer.url()).put("mcpId", "for-all"));
    var results = world.flow().importWithBuiltIns(OPERATOR, document, true, world.now());
    assertThat(statuses(results)).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(failure(results.getLast()).code()).isEqualTo(ErrorCode.UNSUPPORTED_RECORD);
    assertThat(failure(results.getLast()).safeMessage()).contains("no built-in records");
    assertThat(ids(OPERATOR)).isEmpty();
  }

  @Test
  void allOrNothingLeavesOutTheOperatorsRecordInAUsersDocument() {
    new BuiltInWorld(world).put();
    var results = atomic(USER, world.flow().server(USER, MCP_ID), named("own"));
    assertThat(statuses(results)).containsExactly(Status.SKIPPED, Status.CREATED);
    assertThat(reason(results.getFirst())).contains("The operator has written this record");
  }

  // A record whose client cannot be kept is not stored.

  @Test
  void recordWhoseSecretCannotBeStoredIsNotStored() {
    var fails = failing();
    assertFails(ErrorCode.MISCONFIGURED,
        () -> world.flow().putServer(USER, new ConnectionId("fails"), fails, world.now()));
    assertThat(ids(USER)).containsExactly("filler");
    assertThat(statuses(atomic(USER, named("ok"), fails))).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(ids(USER)).containsExactly("filler");
  }

  @Test
  void recordStaysAsItWasWhereTheSecretOfTheNewOneCannotBeStored() {
    server.put();
    server.connectWithConsent();
    var fails = failing().put("mcpId", MCP_ID.value());
    fails.set("endpoint", record(world.mcpServer.url()).get("endpoint"));
    assertFails(ErrorCode.MISCONFIGURED, () -> server.put(fails));
    assertThat(world.flow().server(USER, MCP_ID).at("/authorization/config/client_id").isMissingNode()).isTrue();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void builtInRecordWhoseSecretCannotBeStoredIsNotStored() {
    var vault = (MemoryVault) world.platform.vault();
    var before = vault.contents().keySet();
    world.flow().putServer(OPERATOR, new ConnectionId("filler"),
        withSecretAtBroken("filler").put("isBuiltin", true), world.now());
    vault.contents().keySet().stream().filter(name -> !before.contains(name))
        .forEach(name -> vault.replace(name, "not readable"));
    var record = withSecretAtBroken("for-all").put("isBuiltin", true);
    assertFails(ErrorCode.MISCONFIGURED,
        () -> world.flow().putServer(OPERATOR, new ConnectionId("for-all"), record, world.now()));
    assertThat(ids(USER)).containsExactly("filler");
  }

  @Test
  void allOrNothingHasFewerRecords() {
    var all = IntStream.range(0, ServerImport.MAX_ATOMIC + 1).mapToObj(i -> named("s-" + i)).toArray(ObjectNode[]::new);
    assertFails(ErrorCode.INVALID_REQUEST, () -> atomic(USER, all));
  }
}
