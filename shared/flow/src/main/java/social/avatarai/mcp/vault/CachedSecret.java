package social.avatarai.mcp.vault;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Journal;

/**
 * What a secret of the vault says, as this process knows it: read when it is first asked for, and again every
 * {@link #REREAD_AFTER}, because operators rotate keys while we run.
 *
 * <p>Nothing is known before the first reading succeeds. After that a vault that fails costs a log line, and what is
 * known stays.
 *
 * @param <T> what the secret is read as
 */
public final class CachedSecret<T> {
  /** How long after its change a secret is still taken for what it was, at the longest, while the vault answers. */
  public static final Duration REREAD_AFTER = Duration.ofMinutes(5);

  static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
  /** Rows with key ids that never were may come in any number; the vault is asked about them this often at most. */
  static final Duration BETWEEN_DEMANDS = Duration.ofSeconds(5);

  private final String name;
  private final Supplier<T> reading;
  private final Clock clock;
  private final Journal journal;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Known<T> known;
  private Instant nextDemand = Instant.MIN;

  private record Known<T>(T value, Instant until) {}

  /**
   * @param name the secret's name, for the log
   * @param reading reads it; its failures are those of the first reading
   * @param clock for when it is read again
   * @param journal where a later reading that failed is noted
   */
  public CachedSecret(String name, Supplier<T> reading, Clock clock, Journal journal) {
    this.name = name;
    this.reading = reading;
    this.clock = clock;
    this.journal = journal;
  }

  /** What it says, as last read, which is not long ago. */
  public T current() {
    Known<T> seen = known;
    if (seen == null) return first();
    // One caller asks the vault; the others go on with what is known.
    if (!isOver(seen) || !lock.tryLock()) return seen.value();
    try {
      return rereadUnlessDone(seen);
    } finally {
      lock.unlock();
    }
  }

  /** What it says now; what is known where that was demanded a moment ago, or cannot be had. */
  public T reread() {
    lock.lock();
    try {
      Known<T> seen = known;
      if (seen == null) return keep(reading.get());
      if (clock.instant().isBefore(nextDemand)) return seen.value();
      nextDemand = clock.instant().plus(BETWEEN_DEMANDS);
      return readAgain(seen);
    } finally {
      lock.unlock();
    }
  }

  private T first() {
    lock.lock();
    try {
      Known<T> seen = known;
      return seen == null ? keep(reading.get()) : seen.value();
    } finally {
      lock.unlock();
    }
  }

  private T rereadUnlessDone(Known<T> seen) {
    Known<T> now = known;
    return now == null || isOver(now) ? readAgain(seen) : now.value();
  }

  // Whatever the vault's client throws: the keys we have are still the right ones for all that is stored.
  private T readAgain(Known<T> seen) {
    try {
      return keep(reading.get());
    } catch (RuntimeException e) {
      journal.write("secret_not_reread", Map.of("secret", name, "detail", e.getClass().getName()));
      known = new Known<>(seen.value(), clock.instant().plus(AFTER_FAILURE));
      return seen.value();
    }
  }

  private T keep(T value) {
    known = new Known<>(value, clock.instant().plus(REREAD_AFTER));
    return value;
  }

  private boolean isOver(Known<T> value) {
    return !clock.instant().isBefore(value.until());
  }
}
