package social.avatarai.mcp.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ExpiredIteratorException;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.model.ShardIteratorType;
import software.amazon.awssdk.services.dynamodb.model.StreamSpecification;
import software.amazon.awssdk.services.dynamodb.model.StreamViewType;
import software.amazon.awssdk.services.dynamodb.model.TrimmedDataAccessException;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/** The local stand-in for Lambda's event source: it reads the stream of the tokens table and delivers the records. */
final class LocalStream implements AutoCloseable {
  /** As in the template: {@code BatchSize} of the event source. */
  static final int PAGE = 100;
  private static final long PERIOD_MILLIS = 250;

  private final DynamoDbStreamsClient streams;
  private final String stream;
  private final RecordDelivery delivery;
  private final Map<String, Place> places = new LinkedHashMap<>();
  private final ScheduledExecutorService timer = Executors
      .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("grant-stream").factory());
  private String fault = "";

  /**
   * Where the reading of a shard is.
   *
   * @param parent the shard whose changes come before those of this one; null if there is none
   * @param start where the reading of the shard began
   * @param last the number of the last record that was delivered; null if there is none
   * @param iterator from where to read on; null if the shard has been read to its end
   */
  private record Place(@Nullable String parent, ShardIteratorType start, @Nullable String last,
      @Nullable String iterator) {
    Place after(GetRecordsResponse page) {
      var read = page.records();
      return new Place(parent, start, read.isEmpty() ? last : read.getLast().dynamodb().sequenceNumber(),
          page.nextShardIterator());
    }
  }

  LocalStream(DynamoDbStreamsClient streams, String stream, RequestStreamHandler handler) {
    this.streams = streams;
    this.stream = stream;
    this.delivery = new RecordDelivery(stream, handler);
    findShards(ShardIteratorType.LATEST);
  }

  /** Delivers what changes in this table from now on. The stream is switched on if it is off. */
  static LocalStream of(LocalPlatform.Stores stores, String table, RequestStreamHandler handler) {
    var local = new LocalStream(stores.streams(), streamOf(stores.dynamoDb(), table), handler);
    var _ = local.timer.scheduleWithFixedDelay(local::turn, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    return local;
  }

  private static String streamOf(DynamoDbClient client, String table) {
    var there = client.describeTable(describe -> describe.tableName(table)).table();
    var view = there.streamSpecification();
    if (view != null && Boolean.TRUE.equals(view.streamEnabled())) return there.latestStreamArn();
    var images = StreamSpecification.builder().streamEnabled(true).streamViewType(StreamViewType.NEW_AND_OLD_IMAGES);
    return client.updateTable(update -> update.tableName(table).streamSpecification(images.build()))
        .tableDescription().latestStreamArn();
  }

  /** Delivers all changes that there are. What fails is delivered again in the next turn, as Lambda does. */
  void turn() {
    try {
      findShards(ShardIteratorType.TRIM_HORIZON);
      for (String shard : List.copyOf(places.keySet()))
        if (isNext(shard)) readOn(shard);
      fault = "";
    } catch (IOException | SdkException | Failure e) {
      note(e.getClass().getSimpleName());
    }
  }

  /** A fault that lasts is printed once. */
  private void note(String now) {
    if (!now.equals(fault)) System.err.println("events: " + now);
    fault = now;
  }

  private void findShards(ShardIteratorType from) {
    String after = null;
    do {
      String start = after;
      var page = streams.describeStream(describe -> describe.streamArn(stream).exclusiveStartShardId(start))
          .streamDescription();
      page.shards().forEach(shard -> places.computeIfAbsent(shard.shardId(), _ -> found(shard, from)));
      after = page.lastEvaluatedShardId();
    } while (after != null);
  }

  private Place found(Shard shard, ShardIteratorType from) {
    return new Place(shard.parentShardId(), from, null, iterator(shard.shardId(), from, null));
  }

  private String iterator(String shard, ShardIteratorType from, @Nullable String number) {
    return streams.getShardIterator(
        get -> get.streamArn(stream).shardId(shard).shardIteratorType(from).sequenceNumber(number)).shardIterator();
  }

  /** Whether a shard has an end to read on from, and its parent has been read. */
  private boolean isNext(String shard) {
    var place = Objects.requireNonNull(places.get(shard));
    var parent = place.parent() == null ? null : places.get(place.parent());
    return place.iterator() != null && (parent == null || parent.iterator() == null);
  }

  private void readOn(String shard) throws IOException {
    GetRecordsResponse page;
    do {
      var place = Objects.requireNonNull(places.get(shard));
      page = page(shard, place);
      if (!page.records().isEmpty()) delivery.handOver(page.records());
      places.put(shard, place.after(page));
    } while (!page.records().isEmpty() && page.nextShardIterator() != null && !timer.isShutdown());
  }

  private GetRecordsResponse page(String shard, Place place) {
    try {
      return page(Objects.requireNonNull(place.iterator()));
    } catch (ExpiredIteratorException e) {
      // An iterator lives for 15 minutes, and a laptop may sleep longer.
      return page(renewed(shard, place));
    } catch (TrimmedDataAccessException e) {
      // DynamoDB Local takes the end of a shard without records for a place that is gone.
      return page(iterator(shard, ShardIteratorType.TRIM_HORIZON, null));
    }
  }

  private GetRecordsResponse page(String iterator) {
    return streams.getRecords(get -> get.shardIterator(iterator).limit(PAGE));
  }

  private String renewed(String shard, Place place) {
    if (place.last() == null) return iterator(shard, place.start(), null);
    try {
      return iterator(shard, ShardIteratorType.AFTER_SEQUENCE_NUMBER, place.last());
    } catch (TrimmedDataAccessException e) {
      return iterator(shard, ShardIteratorType.TRIM_HORIZON, null);
    }
  }

  @Override
  public void close() {
    timer.shutdown();
  }
}
