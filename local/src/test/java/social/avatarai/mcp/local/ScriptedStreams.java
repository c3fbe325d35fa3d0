package social.avatarai.mcp.local;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamRequest;
import software.amazon.awssdk.services.dynamodb.model.DescribeStreamResponse;
import software.amazon.awssdk.services.dynamodb.model.ExpiredIteratorException;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsRequest;
import software.amazon.awssdk.services.dynamodb.model.GetRecordsResponse;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.dynamodb.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.dynamodb.model.OperationType;
import software.amazon.awssdk.services.dynamodb.model.Record;
import software.amazon.awssdk.services.dynamodb.model.Shard;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;

/**
 * A stream whose shards a test makes. It lists one shard a page, the latest first. Its iterators end when the test
 * wants it.
 */
final class ScriptedStreams implements DynamoDbStreamsClient {
  private final Map<String, List<Record>> records = new LinkedHashMap<>();
  private final List<Shard> shards = new ArrayList<>();
  private final List<String> ended = new ArrayList<>();
  private int age;

  void open(String shard, @Nullable String parent) {
    records.put(shard, new ArrayList<>());
    shards.addFirst(Shard.builder().shardId(shard).parentShardId(parent).build());
    if (parent != null) ended.add(parent);
  }

  void add(String shard, String... numbers) {
    for (String number : numbers)
      Objects.requireNonNull(records.get(shard)).add(record(number));
  }

  void expireIterators() {
    age++;
  }

  static Record record(String number) {
    var key = Map.of("pk", AttributeValue.fromS("u#user"), "sk", AttributeValue.fromS("server"));
    return Record.builder().eventID("id-" + number).eventName(OperationType.MODIFY)
        .dynamodb(change -> change.keys(key).sequenceNumber(number).approximateCreationDateTime(Instant.EPOCH)).build();
  }

  @Override
  public DescribeStreamResponse describeStream(DescribeStreamRequest request) {
    String after = request.exclusiveStartShardId();
    int index = after == null ? 0 : shards.stream().map(Shard::shardId).toList().indexOf(after) + 1;
    var page = shards.subList(index, Math.min(index + 1, shards.size()));
    String last = index + 1 < shards.size() ? page.getLast().shardId() : null;
    return DescribeStreamResponse.builder()
        .streamDescription(description -> description.shards(page).lastEvaluatedShardId(last)).build();
  }

  @Override
  public GetShardIteratorResponse getShardIterator(GetShardIteratorRequest request) {
    var all = Objects.requireNonNull(records.get(request.shardId()));
    int index = switch (request.shardIteratorType()) {
      case TRIM_HORIZON -> 0;
      case LATEST -> all.size();
      case AFTER_SEQUENCE_NUMBER -> 1 + all.stream().map(record -> record.dynamodb().sequenceNumber()).toList()
          .indexOf(request.sequenceNumber());
      default -> throw new IllegalArgumentException(request.shardIteratorTypeAsString());
    };
    return GetShardIteratorResponse.builder().shardIterator(iterator(request.shardId(), index)).build();
  }

  private String iterator(String shard, int index) {
    return shard + ":" + index + ":" + age;
  }

  @Override
  public GetRecordsResponse getRecords(GetRecordsRequest request) {
    String[] parts = request.shardIterator().split(":", -1);
    if (Integer.parseInt(parts[2]) < age) throw ExpiredIteratorException.builder().message("old").build();
    var all = Objects.requireNonNull(records.get(parts[0]));
    int from = Integer.parseInt(parts[1]);
    int to = Math.min(all.size(), from + request.limit());
    boolean isOver = to == all.size() && ended.contains(parts[0]);
    return GetRecordsResponse.builder().records(List.copyOf(all.subList(from, to)))
        .nextShardIterator(isOver ? null : iterator(parts[0], to)).build();
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}
}
