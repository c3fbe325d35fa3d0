package social.avatarai.mcp.vault;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The place to which a secret may be sent: every stored attribute that determines this place, by name.
 *
 * <p>The destination is authenticated together with the ciphertext but is not part of the ciphertext. So a secret does
 * not open if its destination in the row was edited.
 *
 * @param attributes values by the names of their attributes; an attribute without a value is not in the map
 */
public record Destination(SortedMap<String, String> attributes) {

  public Destination {
    attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
  }

  /** The destination of a value that is never sent. */
  public static Destination none() {
    return new Destination(new TreeMap<>());
  }

  public static Destination of(Map<String, String> attributes) {
    return new Destination(new TreeMap<>(attributes));
  }

  /** This destination with one more attribute; an absent value adds nothing. */
  public Destination with(String name, @Nullable String value) {
    if (value == null) return this;
    var more = new TreeMap<>(attributes);
    more.put(name, value);
    return new Destination(more);
  }
}
