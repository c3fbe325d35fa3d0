package social.avatarai.mcp.functions.grantevents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.event.GrantEvent;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.FixedClock;

class GrantEventsHandlerTest {
  private static final Path EVENTS = Path.of("..", "..", "events", "grant-events");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final TestPlatform platform = new TestPlatform(FixedClock.started())
      .loggingTo(new PrintStream(log, true, UTF_8));

  @AfterEach
  void close() {
    platform.close();
  }

  private JsonNode invoke(JsonNode event) {
    return Replay.invoke(new GrantEventsHandler(platform, platform.journal()), event.toString());
  }

  private static ObjectNode sample(String name) throws IOException {
    return (ObjectNode) JSON.readTree(Files.readString(EVENTS.resolve(name + ".json")));
  }

  private List<String> types() {
    return platform.bus().events().stream().map(event -> event.type().wireName()).toList();
  }

  private List<String> ids() {
    return platform.bus().events().stream().map(GrantEvent::id).toList();
  }

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("grant-events", wiring -> new GrantEventsHandler(platform, wiring.journal()));
  }

  @ParameterizedTest
  @CsvSource({"ok,grant.connected", "reauthorization-required,grant.reauthorization_required",
      "recovered,grant.recovered", "revoked,grant.revoked", "replaced,grant.connected", "refreshed,grant.refreshed"})
  void aChangeOfAGrantIsOneEvent(String sample, String type) throws IOException {
    assertThat(invoke(sample(sample))).hasToString("{\"batchItemFailures\":[]}");
    assertThat(types()).containsExactly(type);
  }

  @ParameterizedTest
  @ValueSource(strings = {"used", "lease"})
  void aNoteOfAUseAndALeaseAreNoEvents(String sample) throws IOException {
    assertThat(invoke(sample(sample))).hasToString("{\"batchItemFailures\":[]}");
    assertThat(types()).isEmpty();
  }

  @Test
  void refreshesAreToldOnlyWhereTheOperatorWantsThem() throws IOException {
    platform.with("EVENTS", "on");

    assertThat(invoke(sample("refreshed"))).hasToString("{\"batchItemFailures\":[]}");
    assertThat(types()).isEmpty();
  }

  @Test
  void aReplayedRecordIsTheSameEventWithTheSameId() throws IOException {
    invoke(sample("three-changes"));
    invoke(sample("three-changes"));

    assertThat(ids()).hasSize(6).satisfies(ids -> assertThat(ids.subList(0, 3)).isEqualTo(ids.subList(3, 6)));
    assertThat(platform.bus().events().subList(0, 3)).isEqualTo(platform.bus().events().subList(3, 6));
    assertThat(ids().subList(0, 3)).doesNotHaveDuplicates();
  }

  /** AWS's command line writes times as texts. */
  @Test
  void aRecordThatAnOperatorReadFromTheStreamIsTheSameEvent() throws IOException {
    var event = sample("ok");
    invoke(event);
    ((ObjectNode) event.at("/Records/0/dynamodb")).put("ApproximateCreationDateTime",
        OffsetDateTime.ofInstant(platform.bus().events().getFirst().time(), ZoneOffset.ofHours(8)).toString());
    invoke(event);

    assertThat(platform.bus().events().getLast()).isEqualTo(platform.bus().events().getFirst());
  }

  @Test
  void theChangesOfAConnectionLeaveInTheirOrder() throws IOException {
    invoke(sample("three-changes"));

    assertThat(types()).containsExactly("grant.connected", "grant.reauthorization_required", "grant.revoked");
    assertThat(platform.bus().events()).extracting(GrantEvent::sequence).isSorted();
  }

  /** Lambda delivers again from this record on. */
  @Test
  void aRecordThatCannotBeReadIsNamedAndThoseBeforeItAreDone() throws IOException {
    var batch = sample("unreadable-between-others");
    var records = (ArrayNode) batch.path("Records");
    String unreadable = records.get(1).at("/dynamodb/SequenceNumber").asText();

    assertThat(invoke(batch)).hasToString("{\"batchItemFailures\":[{\"itemIdentifier\":\"" + unreadable + "\"}]}");
    assertThat(types()).containsExactly("grant.connected");
    records.remove(0);
    records.remove(0);
    assertThat(invoke(batch)).hasToString("{\"batchItemFailures\":[]}");
    assertThat(types()).containsExactly("grant.connected", "grant.revoked");
  }

  /**
   * As Lambda delivers a batch with {@code BisectBatchOnFunctionError} and {@code ReportBatchItemFailures}: a batch
   * that ends in a failure is halved, and of one whose record is named the rest is delivered again, so many times.
   *
   * @param aside gets the numbers of what was put aside, each rest of a batch as one list
   */
  private void deliver(List<JsonNode> records, List<List<String>> aside) {
    var left = records;
    for (int tries = 0; tries <= 10; tries++) {
      var event = JSON.createObjectNode();
      event.putArray("Records").addAll(left);
      try {
        var numbers = left.stream().map(GrantEventsHandlerTest::number).toList();
        var named = invoke(event).at("/batchItemFailures/0/itemIdentifier");
        if (named.isMissingNode()) return;
        if (numbers.indexOf(named.asText()) > 0) tries = 0;
        left = left.subList(Math.max(0, numbers.indexOf(named.asText())), left.size());
      } catch (Failure failure) {
        if (left.size() == 1) continue;
        deliver(left.subList(0, left.size() / 2), aside);
        deliver(left.subList(left.size() / 2, left.size()), aside);
        return;
      }
    }
    aside.add(left.stream().map(GrantEventsHandlerTest::number).toList());
  }

  private static String number(JsonNode record) {
    return record.at("/dynamodb/SequenceNumber").asText();
  }

  /** A hundred changes of a connection each; those with the given places cannot be read. */
  private static List<JsonNode> hundred(Integer... unreadable) throws IOException {
    var records = new ArrayList<JsonNode>();
    for (int i = 0; i < 100; i++) {
      var record = (ObjectNode) sample("unreadable-between-others").path("Records").path(0).deepCopy();
      record.put("eventID", "id-" + i);
      ((ObjectNode) record.path("dynamodb")).put("SequenceNumber", Integer.toString(1000 + i));
      if (List.of(unreadable).contains(i)) ((ObjectNode) record.at("/dynamodb/NewImage")).remove("version");
      records.add(record);
    }
    return records;
  }

  @Test
  void aRecordThatCannotBeReadIsPutAsideAloneWhereverItStandsInItsBatch() throws IOException {
    for (int place : List.of(0, 1, 57, 99)) {
      var aside = new ArrayList<List<String>>();
      int before = ids().size();
      deliver(hundred(place), aside);

      assertThat(aside).containsExactly(List.of(Integer.toString(1000 + place)));
      assertThat(ids().subList(before, ids().size())).hasSize(99).doesNotHaveDuplicates();
    }
  }

  @Test
  void recordsBehindEachOtherThatCannotBeReadArePutAsideEachAlone() throws IOException {
    var aside = new ArrayList<List<String>>();
    deliver(hundred(0, 1, 2), aside);

    assertThat(aside).containsExactly(List.of("1000"), List.of("1001"), List.of("1002"));
    assertThat(ids()).hasSize(97).doesNotHaveDuplicates();
  }

  @Test
  void anEventThatTheBusRefusesIsDeliveredAgainAndNoLaterOneOvertakesIt() throws IOException {
    var batch = sample("three-changes");
    platform.bus().refuse(batch.at("/Records/1/eventID").asText());

    assertThat(invoke(batch).at("/batchItemFailures/0/itemIdentifier"))
        .isEqualTo(batch.at("/Records/1/dynamodb/SequenceNumber"));
    assertThat(types()).containsExactly("grant.connected");
    ((ArrayNode) batch.path("Records")).remove(0);
    assertThatThrownBy(() -> invoke(batch)).isInstanceOf(Failure.Unreachable.class);
    assertThat(types()).containsExactly("grant.connected");
    platform.bus().refuseNothing();
    invoke(batch);
    assertThat(types()).containsExactly("grant.connected", "grant.reauthorization_required", "grant.revoked");
  }

  @Test
  void withoutANumberTheWholeBatchIsDeliveredAgainOrHalved() throws IOException {
    var batch = sample("no-record");
    assertThat(invoke(batch)).hasToString("{\"batchItemFailures\":[{\"itemIdentifier\":\"\"}]}");
    batch.withArray("Records").insert(0, sample("ok").at("/Records/0"));
    assertThatThrownBy(() -> invoke(batch)).isInstanceOf(Failure.BadRequest.class);
  }

  /** The samples have the whole item, as a stream has it. */
  @Test
  void nothingSealedLeavesOrIsLogged() throws IOException {
    for (String name : List.of("ok", "recovered", "revoked", "refreshed", "unreadable-between-others"))
      invoke(sample(name));

    String all = platform.bus().events().stream().map(event -> event.data().toString()).toList() + log.toString(UTF_8);
    var image = sample("ok").at("/Records/0/dynamodb/NewImage");
    for (String sealed : List.of("/accessToken/B", "/refreshToken/B", "/refreshMac/S"))
      assertThat(all).doesNotContain(image.at(sealed).asText());
    assertThat(all).doesNotContain("Token", "Mac", "clientId", "demo-client");
  }

  /** A sealed value is never opened: one that is no ciphertext at all changes nothing. */
  @Test
  void noTableNoSecretAndNoDoorIsAskedFor() throws IOException {
    invoke(sample("ok"));

    assertThat(platform.clients()).containsExactly("eventBus");
  }

  @Test
  void everyFaultOfTheSettingsIsNamed() {
    platform.with("EVENTS", "off").with("EVENT_BUS", "");

    assertThatThrownBy(() -> new GrantEventsHandler(platform, platform.journal()))
        .isInstanceOf(Failure.Misconfigured.class).hasMessageContaining("EVENT_BUS is missing")
        .hasMessageContaining("EVENTS must be on or all");
  }
}
