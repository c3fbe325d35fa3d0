package social.avatarai.mcp.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import social.avatarai.mcp.Failure;
import software.amazon.awssdk.services.dynamodb.model.Record;

/**
 * Hands records of a stream to a function as Lambda's event source does with the settings of the template: a batch that
 * ends in a failure is halved, and a batch whose record is named is delivered again from that record on.
 */
final class RecordDelivery {
  /** As in the template: {@code MaximumRetryAttempts} of the event source, after the first delivery. */
  static final int MAX_TRIES = 11;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String stream;
  private final RequestStreamHandler handler;

  /** @param stream the ARN of the stream whose records these are */
  RecordDelivery(String stream, RequestStreamHandler handler) {
    this.stream = stream;
    this.handler = handler;
  }

  /** Hands records over in their order, until each is done or given up. */
  void handOver(List<Record> records) throws IOException {
    var left = records;
    for (int tries = 1; tries <= MAX_TRIES; tries++) {
      try {
        int done = done(left);
        if (done == left.size()) return;
        // The rest is a batch of its own, of which this was the first try.
        if (done > 0) tries = 1;
        left = left.subList(done, left.size());
      } catch (Failure failure) {
        if (left.size() > 1) {
          handOver(left.subList(0, left.size() / 2));
          handOver(left.subList(left.size() / 2, left.size()));
          return;
        }
      }
    }
    left.forEach(record -> System.out.println("events: given up " + record.dynamodb().sequenceNumber()));
  }

  /** How many records are done, from the first. */
  private int done(List<Record> records) throws IOException {
    String result = LocalInvocation.of(handler, StreamRecords.event(stream, records).toString());
    JsonNode first = JSON.readTree(result).at("/batchItemFailures/0/itemIdentifier");
    if (first.isMissingNode()) return records.size();
    for (int i = 0; i < records.size(); i++)
      if (records.get(i).dynamodb().sequenceNumber().equals(first.asText())) return i;
    return 0;
  }
}
