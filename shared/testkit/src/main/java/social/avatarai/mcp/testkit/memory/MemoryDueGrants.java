package social.avatarai.mcp.testkit.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.token.DueGrants;

/** Due markers in memory. Like DynamoDB, a query reads the markers of its range and nothing else. */
public final class MemoryDueGrants implements DueGrants {
  private final List<NavigableMap<Long, Set<ConnectionKey>>> shards = IntStream.range(0, SHARDS)
      .<NavigableMap<Long, Set<ConnectionKey>>>mapToObj(_ -> new ConcurrentSkipListMap<>()).toList();
  private final AtomicLongArray cursors = new AtomicLongArray(SHARDS);
  private final StoreTraffic traffic;

  public MemoryDueGrants(StoreTraffic traffic) {
    this.traffic = traffic;
  }

  /** It spreads neighbouring hash codes: those of records are sums. */
  @Override
  public int shardOf(ConnectionKey key) {
    return (key.hashCode() * 0x9e3779b9) >>> (Integer.SIZE - Integer.numberOfTrailingZeros(SHARDS));
  }

  @Override
  public void schedule(ConnectionKey key, long minute) {
    traffic.note(StoreTraffic.Item.MARKER_WRITE);
    shards.get(shardOf(key)).compute(minute, (_, due) -> {
      var keys = due == null ? ConcurrentHashMap.<ConnectionKey>newKeySet() : due;
      keys.add(key);
      return keys;
    });
  }

  @Override
  public List<Due> due(int shard, long fromMinute, long toMinute, int limit) {
    var found = new ArrayList<Due>();
    for (var entry : shards.get(shard).subMap(fromMinute, true, toMinute, true).entrySet()) {
      for (var key : entry.getValue()) {
        if (found.size() == limit) break;
        found.add(new Due(key, entry.getKey()));
      }
      if (found.size() == limit) break;
    }
    traffic.note(StoreTraffic.Item.MARKER_QUERY);
    traffic.note(StoreTraffic.Item.MARKER_READ, found.size());
    return List.copyOf(found);
  }

  @Override
  public long cursor(int shard) {
    traffic.note(StoreTraffic.Item.CURSOR_READ);
    return cursors.get(shard);
  }

  @Override
  public void advance(int shard, long minute) {
    traffic.note(StoreTraffic.Item.CURSOR_WRITE);
    cursors.accumulateAndGet(shard, minute, Math::max);
  }

  @Override
  public void bringBack(int shard, long ahead, long minute) {
    traffic.note(StoreTraffic.Item.CURSOR_WRITE);
    cursors.compareAndSet(shard, ahead, minute);
  }

  /** Removes the markers from before this minute, as DynamoDB does with expired items, at no cost. */
  public void expireBefore(long minute) {
    shards.forEach(shard -> shard.headMap(minute).clear());
  }
}
