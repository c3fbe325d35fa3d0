package social.avatarai.mcp.token.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Random histories of refreshes. The seed of a history that breaks a promise is printed, and runs it again:
 * {@code -Dchaos.seed=…}; {@code -Dchaos.histories=…} for more of them, from the seed
 * {@code -Dchaos.first=…} on. See {@code .ci/chaos}.
 */
class RefreshChaosTest {
  private static final int HISTORIES = Integer.getInteger("chaos.histories", 2_000);
  private static final int REPEATED = 200;
  private static final long FIRST = Long.getLong("chaos.first", 1);

  @Test
  void noHistoryBreaksAPromise() {
    var seed = Long.getLong("chaos.seed");
    if (seed != null) {
      new RefreshHistory(seed).run();
      return;
    }
    var faults = new EnumMap<Faults.Kind, Integer>(Faults.Kind.class);
    for (long next = FIRST; next < FIRST + HISTORIES; next++) {
      run(next).forEach((kind, count) -> faults.merge(kind, count, Integer::sum));
    }
    int all = faults.values().stream().mapToInt(Integer::intValue).sum();
    System.out.println("chaos: " + HISTORIES + " histories, " + all + " faults " + faults + ", 0 violations");
    assertThat(faults).as("every kind of fault has happened").containsOnlyKeys(Faults.Kind.values());
  }

  @Test
  void sameSeedGivesTheSameHistory() {
    for (long seed = FIRST; seed < FIRST + REPEATED; seed++) {
      var once = new RefreshHistory(seed);
      var again = new RefreshHistory(seed);
      assertThat(again.run()).as("faults of history " + seed).isEqualTo(once.run());
      assertThat(again.traced()).as("events of history " + seed).isEqualTo(once.traced());
    }
  }

  private static Map<Faults.Kind, Integer> run(long seed) {
    try {
      return new RefreshHistory(seed).run();
    } catch (AssertionError e) {
      throw new AssertionError("history " + seed + ": " + e.getMessage(), e);
    }
  }
}
