package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.key;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.DueGrants;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Due markers in DynamoDB. Each shard is a partition with one item for each marker, in the order of minutes. */
public final class DynamoDbDueGrants implements DueGrants {
  private static final String TABLE = "due";
  /** A schedule that was off for this long still finds all its markers. */
  private static final Duration CLEANED_AFTER = Duration.ofDays(14);
  private static final String CURSOR = "cursor";
  private static final int MINUTE_DIGITS = 10;

  private final Table table;

  public DynamoDbDueGrants(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.due());
  }

  @Override
  public int shardOf(ConnectionKey key) {
    return shard(key);
  }

  @Override
  public void schedule(ConnectionKey key, long minute) {
    String sort = digits(minute) + "#" + key.user() + "#" + key.connection();
    var cleaned = Instant.ofEpochSecond(Duration.ofMinutes(minute).toSeconds()).plus(CLEANED_AFTER);
    table.put(Values.of(partition(shard(key)), sort).with(Tables.TTL, seconds(cleaned)).toMap());
  }

  @Override
  public List<Due> due(int shard, long fromMinute, long toMinute, int limit) {
    // '$' comes right after '#'. So the markers of the last minute are in the range, and the cursor, which is no digit,
    // is not.
    var range = Condition.of("#pk = :pk AND #sk BETWEEN :from AND :to").with("pk", text(partition(shard)))
        .with("from", text(digits(fromMinute) + "#")).with("to", text(digits(toMinute) + "$"));
    return table.query(range, limit).stream().map(DynamoDbDueGrants::due).toList();
  }

  private static Due due(Map<String, AttributeValue> item) {
    return ItemReader.map(TABLE, item, row -> {
      String sort = row.text(Tables.SORT);
      // The id of a user may contain a '#', the id of a connection may not.
      int end = sort.lastIndexOf('#');
      if (end <= MINUTE_DIGITS) throw new IllegalArgumentException("attribute sk is no due marker");
      var key = new ConnectionKey(new UserId(sort.substring(MINUTE_DIGITS + 1, end)),
          new ConnectionId(sort.substring(end + 1)));
      return new Due(key, Long.parseLong(sort.substring(0, MINUTE_DIGITS)));
    });
  }

  @Override
  public long cursor(int shard) {
    return table.get(key(partition(shard), CURSOR))
        .map(item -> ItemReader.map(TABLE, item, row -> row.number("minute"))).orElse(0L);
  }

  @Override
  public void advance(int shard, long minute) {
    var behind = Condition.of("attribute_not_exists(#minute) OR #minute < :minute");
    table.update(key(partition(shard), CURSOR), ItemUpdate.when(behind).set("minute", number(minute)));
  }

  @Override
  public void bringBack(int shard, long ahead, long minute) {
    var unmoved = Condition.of("#minute = :ahead").with("ahead", number(ahead));
    table.update(key(partition(shard), CURSOR), ItemUpdate.when(unmoved).set("minute", number(minute)));
  }

  /**
   * The shard of a connection. Never change it: a marker that was put into one shard must not be looked for in another.
   */
  public static int shard(ConnectionKey key) {
    return Integer.parseInt(Digest.sha256Hex(key.user() + "#" + key.connection()).substring(0, 4), 16) % SHARDS;
  }

  private static String partition(int shard) {
    return "due#" + shard;
  }

  private static String digits(long minute) {
    return String.format(Locale.ROOT, "%0" + MINUTE_DIGITS + "d", minute);
  }
}
