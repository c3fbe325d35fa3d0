package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.http.Json;

class EventStreamTest {
  private static final ObjectNode ONE = HttpResponses.object("{'id':1}");
  private static final ObjectNode TWO = HttpResponses.object("{'id':2}");

  @Test
  void readsEventByEvent() throws IOException {
    assertThat(messages("data: {'id':1}\n\ndata: {'id':2}\n\n")).containsExactly(ONE, TWO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: {'id':1}\r\n\r\ndata: {'id':2}\r\n\r\n", "data: {'id':1}\r\rdata: {'id':2}\r\r",
      "data:{'id':1}\n\ndata:{'id':2}\n\n", "data:  {'id':1}\n\ndata:\t{'id':2}\n\n",
      "event: message\nid: a:1\nretry: 3000\ndata: {'id':1}\n\nid:b\ndata: {'id':2}\nevent: message\n\n",
      ": hello\n\ndata: {'id':1}\n: between\n\n:\n\n\n\ndata: {'id':2}\n\n"})
  void readsTheSameInEveryNotation(String stream) throws IOException {
    assertThat(messages(stream)).containsExactly(ONE, TWO);
  }

  @Test
  void joinsTheLinesOfOneEvent() throws IOException {
    assertThat(messages("data: {\ndata: 'id':\ndata\ndata: 1\ndata: }\n\n")).containsExactly(ONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"id: 1\ndata:\n\n", "id: 1\ndata: \n\n", "data\n\n", "id: 1\n\n",
      "event: endpoint\ndata: /messages\n\n",
      "data: []\n\n", "data: not JSON\n\n", "data: {'id':\n\n", "date: {'id':9}\n\n", " data: {'id':9}\n\n",
      "database: {'id':9}\n\n"})
  void passesOverEventsThatAreNoMessage(String noMessage) throws IOException {
    assertThat(messages(noMessage + "data: {'id':1}\n\n")).containsExactly(ONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: {'id':2}", "data: {'id':2}\n", "data: {'id':2}\r\n", "data: {'i", "dat", "\n", ""})
  void ignoresAnEventThatIsCutOff(String rest) throws IOException {
    assertThat(messages("data: {'id':1}\n\n" + rest)).containsExactly(ONE);
  }

  /** The bug: a response was lost because no blank line stood behind the last event. */
  @ParameterizedTest
  @ValueSource(strings = {"data: {'id':2}", "data: {'id':2}\n", "data: {'id':2}\r\n",
      "event: message\ndata: {\ndata: 'id':2}",
      "data: [{'id':3},{'id':2}]", "data: {'id':2.0}", "data: {'id':'2'}"})
  void findsTheResponseInAnEventThatIsCutOff(String rest) throws IOException {
    var stream = read("data: {'id':1}\n\n" + rest);
    assertThat(stream.cutOffResponse(2)).isPresent();
    assertThat(stream.cutOffResponse(1)).as("the event before").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"data: {'id':2", "data: {'id':2,'method':'ping'}", "data: {'id':22}", "", "id: 2",
      "data: {'id':2}\n\n"})
  void findsNothingElseInAnEventThatIsCutOff(String rest) throws IOException {
    assertThat(read("data: {'id':1}\n\n" + rest).cutOffResponse(2)).isEmpty();
  }

  /** The bug: a batch, which MCP 2025-03-26 requires a client to read, was no message. */
  @Test
  void readsTheMessagesOfABatchInOneEvent() throws IOException {
    assertThat(messages("data: [{'id':1},3,{'id':2}]\n\n")).containsExactly(ONE, TWO);
  }

  @Test
  void batchWithTwoDifferentResponsesToOneRequestIsAFault() throws IOException {
    assertThat(read("data: [{'id':1,'result':1},{'id':1.0,'result':2}]\n\n").fault()).isPresent();
    assertThat(read("data: [{'id':1,'result':1},{'id':'1','error':{}}]\n\n").fault()).isPresent();
    assertThat(read("data: [{'id':1,'result':1},{'id':'1','result':1},{'id':1,'method':'x'}]\n\n").fault()).isEmpty();
  }

  @Test
  void namesTheLimitWhereAnEventIsNestedTooDeep() throws IOException {
    String deep = "{'id':1,'result':" + "[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH) + "}";
    assertThat(read("data: " + deep + "\n\n").fault())
        .hasValueSatisfying(fault -> assertThat(fault.safeMessage()).contains(Json.MAX_DEPTH + " levels"));
  }

  private static EventStream read(String stream) throws IOException {
    var reader = new EventStream(new ByteArrayInputStream(bytes(stream)), new EventStream.Place());
    while (reader.next().isPresent()) {
      // Reads to the end.
    }
    return reader;
  }

  @Test
  void readsTextBeyondAscii() throws IOException {
    assertThat(messages("data: {'text':'grüße 你好 \u2028'}\n\n"))
        .containsExactly(HttpResponses.object("{'text':'grüße 你好 \u2028'}"));
  }

  /** The bug: the first message after a byte order mark was lost. */
  @Test
  void passesOverAByteOrderMark() throws IOException {
    assertThat(messages("\ufeffdata: {'id':1}\n\ndata: {'id':2}\n\n")).containsExactly(ONE, TWO);
    assertThat(messages("data: {'id':1}\n\n\ufeffdata: {'id':2}\n\n")).containsExactly(ONE);
  }

  @Test
  void readsNoFurtherThanTheMessageAskedFor() throws IOException {
    var stream = new EventStream(new ByteArrayInputStream(bytes("data: {'id':1}\n\ndata: {'id':2}\n\n")),
        new EventStream.Place());

    assertThat(stream.next()).hasValue(ONE);
    assertThat(stream.next()).hasValue(TWO);
    assertThat(stream.next()).isEmpty();
    assertThat(stream.next()).isEmpty();
  }

  @Test
  void notesWhereTheStreamWasLeft() throws IOException {
    assertThat(placeOf("id: a\ndata: {'id':1}\n\nid: b\n\n: c\n\n").lastEventId()).contains("b");
    assertThat(placeOf("id: a\ndata: {'id':1}\n\n").retry()).isEmpty();
    assertThat(placeOf("retry: 250\n\n").retry()).contains(Duration.ofMillis(250));
    assertThat(placeOf("retry: soon\n\n").retry()).isEmpty();
  }

  /** The bug: the id of an event that was cut off counted like the id of a complete event. */
  @ParameterizedTest
  @ValueSource(strings = {"id: b\ndata: {'id'", "id: b\ndata: {'id':2}\n", "id: b"})
  void notesNoIdOfAnEventThatIsCutOff(String cut) throws IOException {
    assertThat(placeOf("id: a\ndata: {'id':1}\n\n" + cut).lastEventId()).contains("a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\u0001", "grüße"})
  void notesNoIdThatNoHeaderCarries(String id) throws IOException {
    assertThat(placeOf("id: " + id + "\ndata: {'id':1}\n\n").lastEventId()).isEmpty();
  }

  private static Optional<ObjectNode> next(EventStream reader) {
    try {
      return reader.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static EventStream.Place placeOf(String stream) throws IOException {
    var place = new EventStream.Place();
    var reader = new EventStream(new ByteArrayInputStream(bytes(stream)), place);
    Stream.iterate(reader.next(), Optional::isPresent, _ -> next(reader)).forEach(_ -> {});
    return place;
  }

  private static List<ObjectNode> messages(String stream) throws IOException {
    var reader = new EventStream(new ByteArrayInputStream(bytes(stream)), new EventStream.Place());
    var messages = new ArrayList<ObjectNode>();
    for (var message = reader.next(); message.isPresent(); message = reader.next())
      messages.add(message.get());
    return messages;
  }

  private static byte[] bytes(String stream) {
    return stream.replace('\'', '"').getBytes(UTF_8);
  }
}
