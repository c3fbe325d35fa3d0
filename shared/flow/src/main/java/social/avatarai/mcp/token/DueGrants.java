package social.avatarai.mcp.token;

import java.util.List;
import social.avatarai.mcp.ConnectionKey;

/**
 * Which grants the scheduled refresh must look at, and when: sparse, in {@value #SHARDS} shards, by minute.
 *
 * <p>A marker from before the grant's own {@code dueMinute} is stale and ignored; markers are never deleted, they time
 * out.
 */
public interface DueGrants {

  /** Final: a marker's shard follows from its connection. */
  int SHARDS = 64;

  /** Puts a marker: one write. */
  void schedule(ConnectionKey key, long minute);

  /**
   * Markers of a shard from one minute to another, both included, oldest first.
   *
   * @param limit the most markers returned
   */
  List<Due> due(int shard, long fromMinute, long toMinute, int limit);

  /** A marker. */
  record Due(ConnectionKey key, long minute) {}

  /** The last minute that a run has seen to the end; 0 before the first run. */
  long cursor(int shard);

  /** Moves the cursor forward, never back. */
  void advance(int shard, long minute);
}
