package social.avatarai.mcp.token;

import java.util.LinkedHashMap;
import java.util.Map;

/** Maps that forget the entry that was not used for the longest time. */
final class RecentMap {
  private RecentMap() {}

  /** An empty map of at most this many entries, for one thread at a time. */
  static <K, V> Map<K, V> ofAtMost(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > most;
      }
    };
  }
}
