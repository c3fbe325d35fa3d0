package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.DueGrants.Due;

/**
 * The contract of {@link DueGrants}. Each test uses its own range of minutes, because all tests share the shards. The
 * minutes are far in the future, like {@link Samples#NOW}.
 */
public abstract class DueGrantsContract {
  private static final AtomicLong MINUTES = new AtomicLong(82_500_000);

  private final long minute = MINUTES.getAndAdd(1000);
  private final ConnectionKey key = Samples.key();

  protected abstract DueGrants dueGrants();

  /** The markers of all shards in a range of minutes. */
  private List<Due> due(long from, long to) {
    return IntStream.range(0, DueGrants.SHARDS).boxed()
        .flatMap(shard -> dueGrants().due(shard, from, to, 100).stream()).toList();
  }

  /** A shard that has a marker in this range. */
  private int shard(long from, long to) {
    return IntStream.range(0, DueGrants.SHARDS)
        .filter(shard -> !dueGrants().due(shard, from, to, 1).isEmpty()).findFirst().orElseThrow();
  }

  @Test
  void findsAMarkerInExactlyOneShard() {
    dueGrants().schedule(key, minute);
    assertThat(due(minute, minute)).containsExactly(new Due(key, minute));
  }

  @Test
  void findsAMarkerOfAUserWhoseIdLooksLikeAKey() {
    var odd = new ConnectionKey(new UserId("a#b#0000000001#c"), new ConnectionId("r:" + "0".repeat(64)));
    dueGrants().schedule(odd, minute);
    assertThat(due(minute, minute)).containsExactly(new Due(odd, minute));
  }

  @Test
  void includesBothEndsOfTheRange() {
    dueGrants().schedule(key, minute);
    dueGrants().schedule(key, minute + 5);
    assertThat(due(minute, minute + 5)).hasSize(2);
    assertThat(due(minute + 1, minute + 5)).containsExactly(new Due(key, minute + 5));
    assertThat(due(minute, minute + 4)).containsExactly(new Due(key, minute));
    assertThat(due(minute + 1, minute + 4)).isEmpty();
  }

  @Test
  void hasTheOldestFirstAndNoMoreThanTheLimit() {
    for (long i : List.of(30, 9, 100, 10))
      dueGrants().schedule(key, minute + i);
    int shard = shard(minute, minute + 100);
    assertThat(dueGrants().due(shard, minute, minute + 100, 100)).extracting(Due::minute).containsExactly(minute + 9,
        minute + 10, minute + 30, minute + 100);
    assertThat(dueGrants().due(shard, minute, minute + 100, 2)).extracting(Due::minute).containsExactly(minute + 9,
        minute + 10);
  }

  @Test
  void aMarkerPutTwiceIsOne() {
    dueGrants().schedule(key, minute);
    dueGrants().schedule(key, minute);
    assertThat(due(minute, minute)).hasSize(1);
  }

  @Test
  void spreadsConnectionsOverTheShards() {
    IntStream.range(0, 200).forEach(i -> dueGrants().schedule(Samples.key(), minute));
    var sizes = IntStream.range(0, DueGrants.SHARDS)
        .map(shard -> dueGrants().due(shard, minute, minute, 1000).size()).toArray();
    assertThat(IntStream.of(sizes).sum()).isEqualTo(200);
    assertThat(IntStream.of(sizes).max().orElseThrow()).isLessThan(20);
  }

  @Test
  void theCursorMovesForwardAndNeverBack() {
    int shard = DueGrants.SHARDS - 1;
    long before = dueGrants().cursor(shard);
    assertThat(dueGrants().cursor(0)).isZero();
    dueGrants().advance(shard, before + 10);
    dueGrants().advance(shard, before + 3);
    assertThat(dueGrants().cursor(shard)).isEqualTo(before + 10);
    dueGrants().advance(shard, before + 11);
    assertThat(dueGrants().cursor(shard)).isEqualTo(before + 11);
    assertThat(dueGrants().cursor(0)).isZero();
  }

  @Test
  void aCursorAheadIsBroughtBackUnlessItHasMoved() {
    int shard = DueGrants.SHARDS - 2;
    long before = dueGrants().cursor(shard);
    dueGrants().advance(shard, before + 100);
    dueGrants().bringBack(shard, before + 99, before + 10);
    assertThat(dueGrants().cursor(shard)).isEqualTo(before + 100);
    dueGrants().bringBack(shard, before + 100, before + 10);
    assertThat(dueGrants().cursor(shard)).isEqualTo(before + 10);
  }

  @Test
  void aMarkerIsInTheShardOfItsConnection() {
    dueGrants().schedule(key, minute);
    assertThat(dueGrants().due(dueGrants().shardOf(key), minute, minute, 100)).containsExactly(new Due(key, minute));
  }

  @Test
  void theCursorIsNoMarker() {
    for (int shard = 1; shard < DueGrants.SHARDS; shard++)
      dueGrants().advance(shard, 1);
    dueGrants().schedule(key, minute);
    assertThat(due(minute, minute + 900)).hasSize(1);
    assertThat(IntStream.range(0, DueGrants.SHARDS).boxed()
        .flatMap(shard -> dueGrants().due(shard, minute, 9_999_999_999L, 1_000).stream()))
        .contains(new Due(key, minute));
  }
}
