package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.DynamoDbLeases;
import social.avatarai.mcp.aws.dynamodb.DynamoDbReencryption;
import social.avatarai.mcp.aws.dynamodb.GrantStream;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.event.GrantChange;
import social.avatarai.mcp.event.GrantEvent;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Leases;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.Reencryption;
import social.avatarai.mcp.vault.TokenCipher;
import social.avatarai.mcp.vault.VaultKeyRing;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;

/** What the real adapters write, read back from the real stream of the embedded DynamoDB, is the right events. */
class EventsOfStoredGrantsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final DynamoDbClient client = EmbeddedDynamoDb.inMemory().client();
  private final Tables tables = Tables.withPrefix("e" + Unguessable.text().replace("-", "x") + "-");
  private final MemoryVault vault = new MemoryVault();
  private final DynamoDbGrants grants = new DynamoDbGrants(client, tables, cipher());

  private TokenCipher cipher() {
    if (vault.read("ring").isEmpty()) vault.create("ring", KeyRing.fresh());
    var clock = Clock.systemUTC();
    return new AeadTokenCipher(new VaultKeyRing(vault, "ring", clock, Journal.standard(clock)));
  }

  @BeforeEach
  void create() {
    tables.creations().forEach(client::createTable);
    client.updateTable(update -> update.tableName(tables.tokens())
        .streamSpecification(on -> on.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
  }

  @AfterEach
  void delete() {
    tables.creations().forEach(one -> client.deleteTable(table -> table.tableName(one.tableName())));
  }

  private String streamOfTheTable() {
    return client.describeTable(table -> table.tableName(tables.tokens())).table().latestStreamArn();
  }

  private List<Record> records() {
    var streams = EmbeddedDynamoDb.inMemory().streams();
    String stream = streamOfTheTable();
    var records = new ArrayList<Record>();
    for (var shard : streams.describeStream(describe -> describe.streamArn(stream)).streamDescription().shards()) {
      String first = streams.getShardIterator(get -> get.streamArn(stream).shardId(shard.shardId())
          .shardIteratorType(ShardIteratorType.TRIM_HORIZON)).shardIterator();
      records.addAll(streams.getRecords(get -> get.shardIterator(first).limit(100)).records());
    }
    return records;
  }

  private List<GrantEvent> events() {
    return StreamRecords.event(streamOfTheTable(), records()).path("Records").valueStream()
        .flatMap(record -> GrantStream.change(record).flatMap(GrantChange::event).stream()).toList();
  }

  private List<String> types() {
    return events().stream().map(event -> event.type().wireName()).toList();
  }

  private Grant stored() {
    var grant = Samples.grant();
    grants.store(grant);
    return grant;
  }

  /** The grant of another consent. */
  private static Grant again(Grant grant) {
    return new Grant(grant.key(), GrantId.fresh(), grant.version(), grant.target(), grant.client(), grant.tokens(),
        grant.state(), Set.of(), null);
  }

  private static Grant renewed(Grant grant) {
    return grant.renewed(Samples.tokens("renewed"), GrantState.healthy(NOW.plusSeconds(9), 82_500_100));
  }

  private static GrantState ended(Grant grant) {
    return new GrantState(GrantState.Status.REAUTHORIZATION_REQUIRED, 0, 0, null, grant.state().lastUsed(), 0,
        GrantState.Cause.TOKEN_ENDPOINT_MOVED, GrantState.Notes.NONE);
  }

  private static GrantState waiting(Grant grant) {
    return new GrantState(GrantState.Status.ACTIVE, 1, 0, NOW.plusSeconds(60), grant.state().lastUsed(), 82_500_100,
        GrantState.Cause.REFRESH_POSTPONED, new GrantState.Notes(NOW, null, null));
  }

  private static GrantState healthy(Grant grant) {
    return GrantState.healthy(grant.state().lastUsed(), 82_500_100);
  }

  private void note(Grant grant, GrantState next) {
    assertThat(grants.noteState(grants.read(grant.key()).orElseThrow(), next)).isTrue();
  }

  @Test
  void theLifeOfAConnectionIsAnEventForEachStep() {
    var grant = stored();
    var renewed = renewed(grant);
    grants.commit(renewed);
    grants.noteState(renewed, ended(renewed));
    grants.noteState(renewed.inState(ended(renewed)), ended(renewed));
    grants.store(again(grant));
    grants.delete(grants.read(grant.key()).orElseThrow());

    assertThat(types()).containsExactly("grant.connected", "grant.refreshed", "grant.reauthorization_required",
        "grant.recovered", "grant.revoked");
    assertThat(events()).extracting(event -> event.facts().version())
        .containsExactly(grant.version(), grant.version() + 1, grant.version() + 1, grant.version(), grant.version());
    assertThat(events()).extracting(GrantEvent::id).doesNotHaveDuplicates();
    assertThat(events()).extracting(GrantEvent::sequence).isSorted();
  }

  /** The filters are those of the template, and the records are of every state that a grant gets into. */
  @Test
  void whatInvokesTheFunctionIsWhatIsAnEvent() {
    var grant = renewed(stored());
    grants.commit(grant);
    note(grant, waiting(grant));
    assertThat(grants.noteRejected(grants.read(grant.key()).orElseThrow(), NOW)).isTrue();
    for (var next : List.of(ended(grant), healthy(grant), ended(grant)))
      note(grant, next);
    grants.store(again(grant));
    grants.delete(grants.read(grant.key()).orElseThrow());
    var second = stored();
    grants.store(again(second));
    note(second, ended(second));
    grants.delete(grants.read(second.key()).orElseThrow());

    var types = new ArrayList<String>();
    StreamRecords.event(streamOfTheTable(), records()).path("Records").forEach(record -> {
      var type = GrantStream.change(record).flatMap(GrantChange::event).map(GrantEvent::type);
      type.ifPresent(one -> types.add(one.wireName()));
      assertThat(EventTemplate.passes(record, EventTemplate.ALL)).as("all: " + type).isTrue();
      assertThat(EventTemplate.passes(record, EventTemplate.ON)).as("on: " + type + record)
          .isEqualTo(type.isPresent() && type.get() != GrantEvent.Type.REFRESHED);
    });
    assertThat(types).containsExactly("grant.connected", "grant.refreshed", "grant.reauthorization_required",
        "grant.recovered", "grant.reauthorization_required", "grant.recovered", "grant.revoked", "grant.connected",
        "grant.connected", "grant.reauthorization_required", "grant.revoked");
    assertThat(records()).as("a wait and a rejection were stored too").hasSize(13);
  }

  /** Events were switched off and on. */
  @Test
  void theSequencesOfAnotherStreamAreGreater() {
    stored();
    var before = events().getLast().sequence();
    client
        .updateTable(update -> update.tableName(tables.tokens()).streamSpecification(off -> off.streamEnabled(false)));
    client.updateTable(update -> update.tableName(tables.tokens())
        .streamSpecification(on -> on.streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES)));
    stored();

    assertThat(events()).hasSize(1);
    assertThat(events().getFirst().sequence()).isGreaterThan(before);
  }

  /** The bug: a try with another client secret was an event of a recovery, and its refusal an event of a second end. */
  @Test
  void anEndedGrantThatIsTriedAgainIsRecoveredWithItsNewTokensAndNotBefore() {
    var grant = stored();
    var over = ended(grant);
    grants.noteState(grant, over);
    var tried = new GrantState(over.status(), 1, 2, NOW.plusSeconds(900), NOW, 0, over.cause(),
        GrantState.Notes.NONE);
    assertThat(grants.noteState(grant.inState(over), tried)).isTrue();
    assertThat(types()).containsExactly("grant.connected", "grant.reauthorization_required");

    grants.commit(renewed(grant));
    assertThat(types()).containsExactly("grant.connected", "grant.reauthorization_required", "grant.recovered");
  }

  /** The app must not take the rotation of our keys for a renewal of a million grants. */
  @Test
  void aReencryptionIsNoEvent() throws IOException {
    stored();
    vault.replace("ring", withAnotherCurrentKey(vault.read("ring").orElseThrow()));
    var clock = Clock.systemUTC();
    var journal = new Journal(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8), clock);
    var run = new DynamoDbReencryption(client, tables, this::cipher, journal).run(Reencryption.Area.TOKENS, null,
        Deadline.in(Duration.ofSeconds(10)));

    assertThat(run.reencrypted()).isEqualTo(1);
    assertThat(records()).hasSize(2);
    assertThat(types()).containsExactly("grant.connected");
  }

  private static String withAnotherCurrentKey(String ring) throws IOException {
    var keys = (ObjectNode) new ObjectMapper().readTree(ring);
    return keys.put("k9", Unguessable.text()).put("current", "k9").toString();
  }

  @Test
  void usesProtocolsSwitchesAndLeasesAreNoEvents() {
    var grant = stored();
    grants.noteUse(grant, NOW.plus(Duration.ofHours(2)));
    grants.noteEnabled(grant.key(), false);
    new DynamoDbLeases(client, tables).acquire(new Leases.Lease(grant.key(), grant.id(), 1, NOW.plusSeconds(40)), NOW);

    assertThat(records().size()).isGreaterThan(2);
    assertThat(types()).containsExactly("grant.connected");
  }

  /** The records have the sealed attributes; the events have nothing of them. */
  @Test
  void noValueOfASealedAttributeIsInAnEvent() {
    var grant = stored();
    grants.commit(renewed(grant));

    var event = StreamRecords.event(streamOfTheTable(), records()).toString();
    assertThat(event).contains("accessToken", "refreshToken", "refreshMac");
    var image = records().getLast().dynamodb().newImage();
    var told = events().stream().map(one -> one.data().toString()).toList().toString();
    image.forEach((name, value) -> {
      if (value.b() != null)
        assertThat(told).doesNotContain(Base64.getEncoder().encodeToString(value.b().asByteArray()));
    });
    assertThat(told).doesNotContain(Objects.requireNonNull(image.get("refreshMac")).s(), "secret", "Token");
  }
}
