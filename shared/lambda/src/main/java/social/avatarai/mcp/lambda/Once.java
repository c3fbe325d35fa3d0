package social.avatarai.mcp.lambda;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Makes each thing when it is asked for the first time, and only once. A function that never asks for the outbound door
 * never builds it: most of a cold start is the building of clients.
 */
final class Once {
  private final Map<Class<?>, Object> made = new HashMap<>();

  /** The thing of this type. Making one may ask for others; it must not ask for itself. */
  synchronized <T> T get(Class<T> type, Supplier<? extends T> make) {
    Object known = made.get(type);
    if (known == null) {
      known = make.get();
      made.put(type, known);
    }
    return type.cast(known);
  }
}
