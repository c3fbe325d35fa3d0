package social.avatarai.mcp.testkit.memory;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Counts the items that a store reads and writes. A write that is refused by its condition counts as well, because
 * DynamoDB bills it.
 */
public final class StoreTraffic {
  private final Map<Item, LongAdder> counts = Arrays.stream(Item.values()).collect(
      Collectors.toMap(Function.identity(), _ -> new LongAdder(), (one, _) -> one, () -> new EnumMap<>(Item.class)));

  /** The kinds of items that are counted. */
  public enum Item {
    /** A grant that was read. */
    GRANT_READ,
    /** A write to the row of a grant. */
    GRANT_WRITE,
    /** A write to the lease of a grant. */
    LEASE_WRITE,
    /** A due marker that was written. */
    MARKER_WRITE,
    /** A due marker that a query returned. */
    MARKER_READ,
    /** A query for due markers. A query without a result costs as much as one small item. */
    MARKER_QUERY,
    /** A cursor that was read. */
    CURSOR_READ,
    /** A write to a cursor. */
    CURSOR_WRITE
  }

  void note(Item item) {
    note(item, 1);
  }

  void note(Item item, int number) {
    adder(item).add(number);
  }

  /** How many items of this kind were counted since the last reset. */
  public long count(Item item) {
    return adder(item).sum();
  }

  /** The items that were read, of all kinds. */
  public long itemsRead() {
    return count(Item.GRANT_READ) + count(Item.MARKER_READ) + count(Item.CURSOR_READ);
  }

  /** Begins to count from zero. */
  public void reset() {
    counts.values().forEach(LongAdder::reset);
  }

  private LongAdder adder(Item item) {
    var adder = counts.get(item);
    if (adder == null) throw new IllegalArgumentException("not counted: " + item);
    return adder;
  }
}
