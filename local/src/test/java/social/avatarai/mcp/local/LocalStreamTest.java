package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** The local run loses no change of a grant where AWS would not lose it. */
class LocalStreamTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STREAM = "arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/2026-01-02T03:04:05.678";

  private final ScriptedStreams streams = new ScriptedStreams();
  private final List<String> done = new ArrayList<>();

  LocalStreamTest() {
    streams.open("first", null);
  }

  private static List<String> ids(InputStream input) throws IOException {
    return JSON.readTree(input).path("Records").valueStream().map(record -> record.path("eventID").asText()).toList();
  }

  private static void reply(OutputStream output, String... failed) throws IOException {
    var result = JSON.createObjectNode();
    var failures = result.putArray("batchItemFailures");
    for (String number : failed)
      failures.addObject().put("itemIdentifier", number);
    output.write(JSON.writeValueAsBytes(result));
  }

  private LocalStream stream(RequestStreamHandler handler) {
    return new LocalStream(streams, STREAM, handler);
  }

  private LocalStream keeping() {
    return stream((input, output, _) -> {
      done.addAll(ids(input));
      reply(output);
    });
  }

  private static String[] numbers(int count) {
    return IntStream.range(1000, 1000 + count).mapToObj(Integer::toString).toArray(String[]::new);
  }

  private static List<String> idsOf(String... numbers) {
    return List.of(numbers).stream().map(number -> "id-" + number).toList();
  }

  @Test
  void oneTurnDeliversAllThatHasChangedHoweverManyPagesItIs() {
    try (var stream = keeping()) {
      streams.add("first", numbers(7 * LocalStream.PAGE + 1));
      stream.turn();
    }
    assertThat(done).isEqualTo(idsOf(numbers(7 * LocalStream.PAGE + 1)));
  }

  @Test
  void whatChangedBeforeTheRunIsNotDelivered() {
    streams.add("first", "1");
    try (var stream = keeping()) {
      streams.add("first", "2");
      stream.turn();
    }
    assertThat(done).containsExactly("id-2");
  }

  /** A laptop slept for longer than an iterator lives. */
  @Test
  void readsOnBehindTheLastChangeWhenItsIteratorHasEnded() {
    try (var stream = keeping()) {
      streams.add("first", "1", "2");
      stream.turn();
      streams.add("first", "3");
      streams.expireIterators();
      stream.turn();
    }
    assertThat(done).containsExactly("id-1", "id-2", "id-3");
  }

  @Test
  void aSleepBeforeTheFirstChangeEndsNothing() {
    try (var stream = keeping()) {
      streams.expireIterators();
      stream.turn();
      streams.add("first", "1");
      stream.turn();
    }
    assertThat(done).containsExactly("id-1");
  }

  /** The stream lists them the latest first, on pages of one. */
  @Test
  void readsAShardAfterItsParentWhateverTheOrderOfTheList() {
    try (var stream = keeping()) {
      streams.add("first", "1");
      streams.open("second", "first");
      streams.add("second", "2");
      streams.open("third", "second");
      streams.add("third", "3");
      for (int turn = 0; turn < 3; turn++)
        stream.turn();
    }
    assertThat(done).containsExactly("id-1", "id-2", "id-3");
  }

  /** The process ends after it has published, and before the source of events has noted it. */
  @Test
  void aFunctionThatIsKilledAfterItHasPublishedPublishesTheSameEventsAgain() {
    var kills = new ArrayList<>(List.of("once"));
    RequestStreamHandler killed = (input, output, _) -> {
      done.addAll(ids(input));
      if (!kills.isEmpty()) throw new IOException(kills.removeFirst());
      reply(output);
    };
    try (var stream = stream(killed)) {
      streams.add("first", "1", "2");
      stream.turn();
      stream.turn();
      streams.add("first", "3");
      stream.turn();
    }
    assertThat(done).containsExactly("id-1", "id-2", "id-1", "id-2", "id-3");
  }

  /** As the function answers: it names a record behind others, and fails if the record is the first of several. */
  @Test
  void aRecordThatAlwaysFailsIsGivenUpAloneAfterAsManyTriesAsOnAws() {
    var alone = new ArrayList<String>();
    RequestStreamHandler handler = (input, output, _) -> {
      var ids = ids(input);
      int bad = ids.indexOf("id-1042");
      done.addAll(bad < 0 ? ids : ids.subList(0, bad));
      if (bad == 0 && ids.size() > 1) throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "unreadable");
      if (ids.size() == 1 && bad == 0) alone.add("1042");
      reply(output, bad < 0 ? new String[0] : new String[]{"1042"});
    };
    try (var stream = stream(handler)) {
      streams.add("first", numbers(LocalStream.PAGE));
      stream.turn();
    }
    assertThat(alone).hasSize(RecordDelivery.MAX_TRIES);
    assertThat(done).hasSize(LocalStream.PAGE - 1).doesNotHaveDuplicates().doesNotContain("id-1042");
  }
}
