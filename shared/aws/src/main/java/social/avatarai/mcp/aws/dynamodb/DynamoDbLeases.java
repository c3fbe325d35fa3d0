package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.token.Leases;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Refresh leases in DynamoDB, beside the grants but in their own items. An item is under 1 KB, so a write costs one
 * unit.
 */
public final class DynamoDbLeases implements Leases {
  static final String SORT_PREFIX = "lease#";
  /** A lease row also remembers the newest version. No process holds an older version for this long. */
  private static final Duration CLEANED_AFTER = Duration.ofDays(1);

  private final Table table;

  public DynamoDbLeases(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.tokens());
  }

  @Override
  public Acquired acquire(Lease lease, Instant now) {
    String attempt = Unguessable.text();
    var free = Condition.of("attribute_not_exists(#pk) OR #grant <> :grant OR #version < :version"
        + " OR (#version = :version AND #untilMillis <= :now)").with("now", millis(now));
    var written = table.update(key(lease.key()), ItemUpdate.when(free).set("grant", text(lease.grant().value()))
        .set("version", number(lease.fromVersion())).set("untilMillis", millis(lease.until()))
        .set(WriteResult.ATTEMPT, text(attempt)).set(Tables.TTL, seconds(lease.until().plus(CLEANED_AFTER))));
    if (written.applied()) return isFirst(written, lease) ? new Acquired.First() : new Acquired.TakenOver();
    // The lease is ours, but the old item was lost with the response. We take the careful answer of the two.
    if (written.isLeftBy(attempt)) return new Acquired.TakenOver();
    return new Acquired.Held(ItemReader.map(GrantItem.TABLE, written.before(), row -> row.instant("untilMillis")));
  }

  /**
   * Whether there was no item, or one of an older version of this grant. Then no process has sent this version's
   * refresh token.
   */
  private static boolean isFirst(WriteResult written, Lease lease) {
    return written.before().isEmpty() || ItemReader.map(GrantItem.TABLE, written.before(),
        row -> row.text("grant").equals(lease.grant().value()) && row.number("version") < lease.fromVersion());
  }

  /**
   * Ends the lease now. The row stays: without it, a process that still holds an older version would be first again.
   */
  @Override
  public void release(Lease lease) {
    var ours = Condition.of("#grant = :grant AND #version = :version AND #untilMillis = :until")
        .with("grant", text(lease.grant().value())).with("version", number(lease.fromVersion()))
        .with("until", millis(lease.until()));
    table.update(key(lease.key()), ItemUpdate.when(ours).set("untilMillis", number(0)));
  }

  private static Map<String, AttributeValue> key(ConnectionKey key) {
    return Values.key(GrantItem.partition(key.user()), SORT_PREFIX + key.connection());
  }
}
