package social.avatarai.mcp.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import social.avatarai.mcp.Failure;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamSpecification;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TrimmedDataAccessException;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * The local stand-in for Lambda's event source: it reads the stream of the tokens table and hands the records to a
 * function. A batch that the function does not finish is handed over again from the first record that it names.
 */
final class LocalStream implements AutoCloseable {
  /** As in the template: {@code MaximumRetryAttempts} of the event source. */
  static final int MAX_TRIES = 10;
  /** As in the template: {@code BatchSize} of the event source. */
  private static final int PAGE = 100;
  private static final long PERIOD_MILLIS = 250;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DynamoDbStreamsClient streams;
  private final String stream;
  private final RequestStreamHandler handler;
  private final Map<String, String> iterators = new HashMap<>();
  private final ScheduledExecutorService timer = Executors
      .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("grant-stream").factory());
  private final ScheduledFuture<?> reading;

  private LocalStream(DynamoDbStreamsClient streams, String stream, RequestStreamHandler handler) {
    this.streams = streams;
    this.stream = stream;
    this.handler = handler;
    findShards(ShardIteratorType.LATEST);
    this.reading = timer.scheduleWithFixedDelay(this::read, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Reads what changes in this table from now on. The stream is switched on if it is off. */
  static LocalStream of(LocalPlatform.Stores stores, String table, RequestStreamHandler handler) {
    return new LocalStream(stores.streams(), streamOf(stores.dynamoDb(), table), handler);
  }

  private static String streamOf(DynamoDbClient client, String table) {
    var there = client.describeTable(describe -> describe.tableName(table)).table();
    var view = there.streamSpecification();
    if (view != null && Boolean.TRUE.equals(view.streamEnabled())) return there.latestStreamArn();
    var images = StreamSpecification.builder().streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES);
    return client.updateTable(update -> update.tableName(table).streamSpecification(images.build()))
        .tableDescription().latestStreamArn();
  }

  private void findShards(ShardIteratorType from) {
    for (var shard : streams.describeStream(describe -> describe.streamArn(stream)).streamDescription().shards()) {
      if (iterators.containsKey(shard.shardId())) continue;
      iterators.put(shard.shardId(), iterator(shard.shardId(), from));
    }
  }

  private String iterator(String shard, ShardIteratorType from) {
    return streams.getShardIterator(get -> get.streamArn(stream).shardId(shard).shardIteratorType(from))
        .shardIterator();
  }

  private void read() {
    try {
      findShards(ShardIteratorType.TRIM_HORIZON);
      for (String shard : List.copyOf(iterators.keySet()))
        read(shard);
    } catch (IOException | SdkException | Failure e) {
      // The next turn tries again, as Lambda does.
      System.err.println("events: " + e.getClass().getSimpleName());
    }
  }

  private void read(String shard) throws IOException {
    String iterator = Objects.requireNonNull(iterators.get(shard));
    if (iterator.isEmpty()) return;
    var page = page(shard, iterator);
    if (page.hasRecords() && !page.records().isEmpty()) handOver(page.records());
    // An empty text stands for a shard that has ended.
    iterators.put(shard, page.nextShardIterator() == null ? "" : page.nextShardIterator());
  }

  /** DynamoDB Local takes the end of a shard without records for a place that is gone. */
  private GetRecordsResponse page(String shard, String iterator) {
    try {
      return streams.getRecords(get -> get.shardIterator(iterator).limit(PAGE));
    } catch (TrimmedDataAccessException e) {
      String first = iterator(shard, ShardIteratorType.TRIM_HORIZON);
      return streams.getRecords(get -> get.shardIterator(first).limit(PAGE));
    }
  }

  private void handOver(List<Record> records) throws IOException {
    var left = records;
    while (!left.isEmpty()) {
      left = afterTries(left);
      if (left.isEmpty()) return;
      System.out.println("events: given up " + left.getFirst().dynamodb().sequenceNumber());
      left = left.subList(1, left.size());
    }
  }

  /** Hands records over until all are done, or until the first that is left was tried too often. */
  private List<Record> afterTries(List<Record> records) throws IOException {
    var left = records;
    int tries = 0;
    while (!left.isEmpty() && tries < MAX_TRIES) {
      int failed = failed(left);
      tries = failed > 0 ? 1 : tries + 1;
      left = left.subList(failed, left.size());
    }
    return left;
  }

  /** The index of the first record that has to be handed over again; the number of records if there is none. */
  private int failed(List<Record> records) throws IOException {
    var output = new ByteArrayOutputStream();
    handler.handleRequest(new ByteArrayInputStream(JSON.writeValueAsBytes(StreamRecords.event(records))), output,
        new LocalContext());
    JsonNode first = JSON.readTree(output.toByteArray()).at("/batchItemFailures/0/itemIdentifier");
    if (first.isMissingNode()) return records.size();
    for (int i = 0; i < records.size(); i++)
      if (records.get(i).dynamodb().sequenceNumber().equals(first.asText())) return i;
    return 0;
  }

  @Override
  public void close() {
    reading.cancel(false);
    timer.shutdown();
  }
}
