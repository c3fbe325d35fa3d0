package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.DynamodbEvent;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import com.amazonaws.services.lambda.runtime.events.StreamsEventResponse;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.aws.dynamodb.GrantStream;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.event.SampleEvent;

/** The batches that {@code grant-events} and {@code webhook} read as JSON, held against AWS's classes for them. */
class EventSourceClassesTest {
  private static final Path EVENTS = Path.of("..", "..", "events");

  private static <T> T readByAws(String event, Class<T> type) {
    return LambdaEventSerializers.serializerFor(type, EventSourceClassesTest.class.getClassLoader())
        .fromJson(new ByteArrayInputStream(event.getBytes(UTF_8)));
  }

  private static Stream<JsonNode> records(SampleEvent event) {
    return Json.object(event.text().getBytes(UTF_8)).orElseThrow().path("Records").valueStream();
  }

  private static <T> String writtenByAws(T result, Class<T> type) {
    var json = new ByteArrayOutputStream();
    JacksonFactory.getInstance().getSerializer(type).toJson(result, json);
    return json.toString(UTF_8);
  }

  private static boolean isReadable(SampleEvent event) {
    return records(event).findAny().isPresent() && records(event).allMatch(JsonNode::isObject);
  }

  @TestFactory
  Stream<DynamicTest> numbersTheRecordsOfAStreamAsAwssClassDoes() {
    return SampleEvent.of(EVENTS, "grant-events").stream().filter(EventSourceClassesTest::isReadable)
        .map(event -> DynamicTest.dynamicTest(event.name(), () -> {
          var byAws = readByAws(event.text(), DynamodbEvent.class).getRecords();
          assertThat(records(event).map(record -> GrantStream.sequence(record).orElse("")))
              .containsExactlyElementsOf(byAws.stream()
                  .map(record -> record.getDynamodb() == null ? null : record.getDynamodb().getSequenceNumber())
                  .map(number -> number == null ? "" : number).toList());
          assertThat(records(event).map(record -> record.path("eventID").asText(null)))
              .containsExactlyElementsOf(byAws.stream().map(DynamodbEvent.DynamodbStreamRecord::getEventID).toList());
        }));
  }

  @TestFactory
  Stream<DynamicTest> readsTheMessagesOfAQueueAsAwssClassDoes() {
    return SampleEvent.of(EVENTS, "webhook").stream().filter(EventSourceClassesTest::isReadable)
        .map(event -> DynamicTest.dynamicTest(event.name(), () -> {
          var byAws = readByAws(event.text(), SQSEvent.class).getRecords();
          assertThat(records(event).map(record -> List.of(record.path("messageId").asText(),
              record.path("receiptHandle").asText(), record.path("body").asText(),
              record.at("/attributes/ApproximateReceiveCount").asText())))
              .containsExactlyElementsOf(byAws.stream().map(message -> List.of(message.getMessageId(),
                  message.getReceiptHandle(), message.getBody(),
                  message.getAttributes().get("ApproximateReceiveCount"))).toList());
        }));
  }

  /** What both functions return where one record fails, and where none does. */
  @Test
  void namesARecordThatFailedAsAwssClassesDo() {
    String one = "{\"batchItemFailures\":[{\"itemIdentifier\":\"m\"}]}";
    String none = "{\"batchItemFailures\":[]}";
    assertThat(writtenByAws(new SQSBatchResponse(List.of(new SQSBatchResponse.BatchItemFailure("m"))),
        SQSBatchResponse.class)).isEqualTo(one);
    assertThat(writtenByAws(new StreamsEventResponse(List.of(new StreamsEventResponse.BatchItemFailure("m"))),
        StreamsEventResponse.class)).isEqualTo(one);
    assertThat(writtenByAws(new SQSBatchResponse(List.of()), SQSBatchResponse.class)).isEqualTo(none);
    assertThat(writtenByAws(new StreamsEventResponse(List.of()), StreamsEventResponse.class)).isEqualTo(none);
  }
}
