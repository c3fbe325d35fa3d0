package social.avatarai.mcp.token;

import java.util.List;
import social.avatarai.mcp.ConnectionKey;

/**
 * Markers for the scheduled refresh: which grant it must look at, and in which minute. They are in {@value #SHARDS}
 * shards.
 *
 * <p>A marker from before the grant's own {@code dueMinute} is stale and ignored. Markers are never deleted; they
 * expire.
 */
public interface DueGrants {

  /** Must never change: a marker's shard follows from its connection. */
  int SHARDS = 64;

  /** The shard of a connection's markers. */
  int shardOf(ConnectionKey key);

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

  /** The last minute that a run has finished; 0 before the first run. */
  long cursor(int shard);

  /** Moves the cursor forward. This never moves it back. */
  void advance(int shard, long minute);

  /**
   * Moves back a cursor that is ahead of the time, because a process with a wrong clock has moved it. A cursor that has
   * moved since it was read stays where it is.
   *
   * @param ahead the cursor as it was read
   */
  void bringBack(int shard, long ahead, long minute);
}
