package social.avatarai.mcp.lambda;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes each object when it is asked for the first time, and only once. A function that never asks for the outbound
 * door never builds it. This saves time: most of a cold start goes into building clients.
 */
final class Once {
  private final Map<Class<?>, Object> made = new HashMap<>();

  /** Returns the one object of this type. {@code make} may ask for objects of other types, but not for its own type. */
  synchronized <T> T get(Class<T> type, Supplier<? extends T> make) {
    Object known = made.get(type);
    if (known == null) {
      known = make.get();
      made.put(type, known);
    }
    return type.cast(known);
  }

  /** The object of this type, if it was made. */
  synchronized <T> Optional<T> find(Class<T> type) {
    return Optional.ofNullable(made.get(type)).map(type::cast);
  }
}
