package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.SlowCallSlots;
import social.avatarai.mcp.registration.Owner;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The slots of slow calls in DynamoDB: one item for each user, with a set of the calls that hold a slot. Each entry
 * begins with the time at which its slot is free again.
 *
 * <p>Entries that have run out are taken out only when the set is full, because their calls were killed, which is rare.
 * That costs one more write.
 */
public final class DynamoDbSlowCallSlots implements SlowCallSlots {
  private static final int MAX_TRIES = 4;
  private static final Duration CLEANED_AFTER = Duration.ofHours(2);

  private final Table table;

  public DynamoDbSlowCallSlots(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.servers());
  }

  @Override
  public boolean take(Slot slot, int most, Instant now) {
    var room = Condition.of("attribute_not_exists(#holders) OR size(#holders) < :most OR contains(#holders, :ours)")
        .with("most", number(most)).with("ours", text(entry(slot)));
    var written = table.update(key(slot.user()),
        ItemUpdate.when(room).add("holders", set(entry(slot))).set(Tables.TTL, ttl(slot)));
    for (int tries = 1; !written.applied() && tries < MAX_TRIES; tries++) {
      var holders = holders(written);
      var live = holders.stream().filter(held -> until(held) > now.toEpochMilli()).toList();
      if (live.size() >= most) return false;
      written = replace(slot, holders, live);
    }
    return written.applied();
  }

  /** Puts our entry in the place of those that have run out, unless another call has changed the set meanwhile. */
  private WriteResult replace(Slot slot, List<String> holders, List<String> live) {
    var unchanged = Condition.of("#holders = :seen OR contains(#holders, :ours)")
        .with("seen", set(holders.toArray(String[]::new))).with("ours", text(entry(slot)));
    var next = new TreeSet<>(live);
    next.add(entry(slot));
    return table.update(key(slot.user()), ItemUpdate.when(unchanged)
        .set("holders", set(next.toArray(String[]::new))).set(Tables.TTL, ttl(slot)));
  }

  @Override
  public void release(Slot slot) {
    var ours = Condition.of("contains(#holders, :ours)").with("ours", text(entry(slot)));
    table.update(key(slot.user()), ItemUpdate.when(ours).remove("holders", set(entry(slot))));
  }

  private static List<String> holders(WriteResult written) {
    var holders = written.before().get("holders");
    return holders == null ? List.of() : holders.ss();
  }

  private static String entry(Slot slot) {
    return slot.until().toEpochMilli() + "#" + slot.call();
  }

  private static long until(String entry) {
    return Long.parseLong(entry.substring(0, entry.indexOf('#')));
  }

  private static AttributeValue set(String... entries) {
    return AttributeValue.fromSs(List.of(entries));
  }

  private static AttributeValue ttl(Slot slot) {
    return seconds(slot.until().plus(CLEANED_AFTER));
  }

  private static Map<String, AttributeValue> key(UserId user) {
    return Values.key(Owner.of(user).key(), "counter#slow");
  }
}
