package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.OtherApp.document;
import static social.avatarai.mcp.world.ServerWorld.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.server.ServerImport.Result;
import social.avatarai.mcp.server.ServerImport.Status;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OtherApp;

/** Many records in one import: each has its own result, for its own user. */
class ImportFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final OtherApp app = new OtherApp(world);

  @AfterEach
  void close() {
    world.close();
  }

  private static ObjectNode named(String mcpId) {
    return record("https://mcp.example/" + mcpId).put("mcpId", mcpId);
  }

  private static ObjectNode of(Caller user, String mcpId) {
    return named(mcpId).put("userId", user.user().value());
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

  private static ErrorCode code(Result result) {
    return failure(result).code();
  }

  private static String words(Result result) {
    return failure(result).safeMessage();
  }

  private List<String> ids(Caller caller) {
    return world.servers(caller).stream().map(server -> server.path("mcpId").asText()).toList();
  }

  @Test
  void createsAndUpdatesRecordsInTheirOrder() {
    assertThat(statuses(app.importAs(USER, named("one"), named("two")))).containsExactly(Status.CREATED,
        Status.CREATED);
    var again = app.importAs(USER, named("two").put("name", "renamed"), named("three"));
    assertThat(statuses(again)).containsExactly(Status.UPDATED, Status.CREATED);
    assertThat(ids(USER)).containsExactly("one", "three", "two");
    assertThat(world.flow().server(USER, new ConnectionId("two")).path("name").asText()).isEqualTo("renamed");
  }

  @Test
  void everyWrongRecordHasItsOwnErrorAndTheOthersAreImported() {
    var deep = Json.newObject();
    var inner = deep;
    for (int i = 0; i < 400; i++)
      inner = inner.putObject("in");
    var document = Json.newObject();
    document.putArray("servers").add(named("good")).add(5).add(named("id").put("mcpId", "has blanks"))
        .add(named("long").put("mcpId", "x".repeat(65))).add(named("raw").put("mcpId", "r:" + "0".repeat(64)))
        .add(record("https://mcp.example/none")).add(named("number").put("mcpId", 5))
        .add(named("user").put("userId", 5)).add(named("user-2").put("userId", "has blanks"))
        .add(named("deep").set("in", deep)).add(named("url").set("endpoint", Json.newObject()))
        .add(named("type").put("enabled", "yes")).add(named("age").put("createdAt", "yesterday"))
        .add(named("large").put("about", "x".repeat(70_000))).add(named("secret").put("api_key", "invented"))
        .add(named("also-good"));
    var results = world.flow().importServers(USER, document, false, world.now());
    assertThat(statuses(results)).filteredOn(Status.CREATED::equals).hasSize(2);
    assertThat(statuses(results)).filteredOn(Status.FAILED::equals).hasSize(14);
    assertThat(ids(USER)).containsExactly("also-good", "good");
    assertThat(results.subList(1, 13)).extracting(ImportFlowTest::code).containsOnly(ErrorCode.INVALID_REQUEST);
    assertThat(words(results.get(5))).contains("mcpId");
    assertThat(words(results.get(7))).contains("userId");
    assertThat(words(results.get(9))).contains("290 levels");
    assertThat(words(results.get(12))).contains("createdAt");
    assertThat(code(results.get(13))).isEqualTo(ErrorCode.BODY_TOO_LARGE);
    assertThat(code(results.get(14))).isEqualTo(ErrorCode.UNSUPPORTED_RECORD);
    assertThat(words(results.get(14))).contains("api_key");
    assertThat(results.get(1).record().mcpId()).isNull();
    assertThat(results.get(14).record().mcpId()).isEqualTo(new ConnectionId("secret"));
  }

  @Test
  void laterRecordWithTheSameIdIsAnError() {
    var results = app.importAs(USER, named("one").put("name", "first"), named("one").put("name", "second"));
    assertThat(statuses(results)).containsExactly(Status.CREATED, Status.FAILED);
    assertThat(words(results.getLast())).contains("same mcpId");
    assertThat(world.flow().server(USER, new ConnectionId("one")).path("name").asText()).isEqualTo("first");
  }

  @Test
  void anotherUsersRecordIsRefusedAlone() {
    var results = app.importAs(USER, of(USER, "mine"), of(OTHER, "theirs"));
    assertThat(statuses(results)).containsExactly(Status.CREATED, Status.FAILED);
    assertThat(code(results.getLast())).isEqualTo(ErrorCode.FORBIDDEN);
    assertThat(ids(OTHER)).isEmpty();
  }

  @Test
  void operatorImportsForEachRecordsUserInOneCall() {
    var results = app.importAs(OPERATOR, of(USER, "one"), of(OTHER, "one"), named("own"));
    assertThat(statuses(results)).containsOnly(Status.CREATED);
    assertThat(ids(USER)).containsExactly("one");
    assertThat(ids(OTHER)).containsExactly("one");
    assertThat(ids(OPERATOR)).containsExactly("own");
  }

  @Test
  void timeOfCreationIsKept() {
    app.importAs(USER, named("old").put("createdAt", 1750771409L), named("zero").put("createdAt", -62135596800L));
    assertThat(world.flow().server(USER, new ConnectionId("old")).path("createdAt").asLong()).isEqualTo(1750771409L);
    long now = world.clock.instant().getEpochSecond();
    assertThat(world.flow().server(USER, new ConnectionId("zero")).path("createdAt").asLong()).isEqualTo(now);
    world.flow().putServer(USER, new ConnectionId("put"), named("put").put("createdAt", 5), world.now());
    assertThat(world.flow().server(USER, new ConnectionId("put")).path("createdAt").asLong()).isEqualTo(now);
  }

  @Test
  void userHasNoMoreRecordsThanElsewhere() {
    var all = IntStream.range(0, ServerRegistry.MAX_SERVERS + 2).mapToObj(i -> named("s-" + i))
        .toArray(ObjectNode[]::new);
    var results = app.importAs(USER, all);
    assertThat(statuses(results)).filteredOn(Status.CREATED::equals).hasSize(ServerRegistry.MAX_SERVERS);
    assertThat(words(results.getLast())).contains("100 server records");
  }

  @Test
  void aThousandRecordsOfAllUsersAreOneImportAndOneMoreIsTooMany() {
    var all = IntStream.range(0, ServerImport.MAX_RECORDS)
        .mapToObj(i -> named("s-" + i % 100).put("userId", "user-" + i / 100)).toArray(ObjectNode[]::new);
    var enough = new Invocation(world.base, Deadline.in(Duration.ofMinutes(10)));
    var results = world.flow().importServers(OPERATOR, document(all), false, enough);
    assertThat(statuses(results)).containsOnly(Status.CREATED).hasSize(ServerImport.MAX_RECORDS);
    var more = document(all);
    more.withArray("servers").add(named("one-more"));
    assertFails(ErrorCode.INVALID_REQUEST, () -> world.flow().importServers(OPERATOR, more, false, world.now()));
  }

  @Test
  void whatDoesNotFitTheTimeIsLeftForTheNextCall() {
    var late = new Invocation(world.base, Deadline.in(Duration.ofSeconds(5)));
    var results = world.flow().importServers(USER, document(named("one"), named("two").put("enabled", 5)), false, late);
    assertThat(statuses(results)).containsExactly(Status.SKIPPED, Status.FAILED);
    assertThat(reason(results.getFirst())).contains("import this record again");
    assertThat(ids(USER)).isEmpty();
  }

  @Test
  void documentWithoutRecordsIsNoError() {
    assertThat(world.flow().importServers(USER, Json.newObject().putNull("servers"), false, world.now())).isEmpty();
    assertThat(app.importAs(USER)).isEmpty();
    assertFails(ErrorCode.INVALID_REQUEST,
        () -> world.flow().importServers(USER, Json.newObject(), false, world.now()));
  }
}
