package social.avatarai.mcp.vault;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Journal;

/**
 * The value of a vault secret, cached in this process. It is read on the first use, and again every
 * {@link #REREAD_AFTER}, because operators rotate keys while the service runs.
 *
 * <p>Before the first successful read there is no value. After that, a failed read writes a log line and the known
 * value stays.
 *
 * @param <T> the type of the parsed secret
 */
public final class CachedSecret<T> {
  /** The maximum time for which the old value is used after a change of the secret, while the vault responds. */
  public static final Duration REREAD_AFTER = Duration.ofMinutes(5);

  static final Duration AFTER_FAILURE = Duration.ofSeconds(30);
  /** The minimum time between demanded reads. Any number of rows may name a key id that never existed. */
  static final Duration BETWEEN_DEMANDS = Duration.ofSeconds(5);

  private final String name;
  private final Supplier<T> reading;
  private final Clock clock;
  private final Journal journal;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Known<T> known;
  /** The first read, if it was begun before it was needed. */
  private @Nullable FutureTask<T> expected;
  private Instant nextDemand = Instant.MIN;

  private record Known<T>(T value, Instant until) {}

  /**
   * @param name the secret's name, for the log
   * @param reading reads the secret; the caller of the first read gets its failures
   * @param clock decides when the secret is read again
   * @param journal the log for later reads that fail
   */
  public CachedSecret(String name, Supplier<T> reading, Clock clock, Journal journal) {
    this.name = name;
    this.reading = reading;
    this.clock = clock;
    this.journal = journal;
  }

  /** The cached value, which is at most a few minutes old. */
  public T current() {
    Known<T> seen = known;
    if (seen == null) return first();
    // One caller reads the vault; the others use the known value.
    if (!isOver(seen) || !lock.tryLock()) return seen.value();
    try {
      return rereadUnlessDone(seen);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins the first read on another thread, which has the time of this invocation. {@link #current} takes what it
   * brings, a failure too.
   */
  Expected expect() {
    if (known != null) return () -> {};
    lock.lock();
    try {
      if (known != null || expected != null) return () -> {};
      var read = new FutureTask<>(reading::get);
      expected = read;
      Thread.ofVirtual().name("expected-secret").start(Journal.bound(Deadline.bound(read)));
      return () -> end(read);
    } finally {
      lock.unlock();
    }
  }

  /** A value that was not used is dropped, because it would be too old when it is used later. */
  private void end(FutureTask<T> read) {
    try {
      read.get();
    } catch (ExecutionException e) {
      // The caller that needs the secret gets this failure from current().
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lock.lock();
    try {
      if (read.equals(expected)) expected = null;
    } finally {
      lock.unlock();
    }
  }

  /** Reads the secret now. Returns the known value if another demanded read was just before, or if the read fails. */
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
      if (seen != null) return seen.value();
      var read = expected;
      expected = null;
      return keep(read == null ? reading.get() : result(read));
    } finally {
      lock.unlock();
    }
  }

  private static <T> T result(FutureTask<T> read) {
    try {
      return read.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) throw failure;
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private T rereadUnlessDone(Known<T> seen) {
    Known<T> now = known;
    return now == null || isOver(now) ? readAgain(seen) : now.value();
  }

  // Any exception of the vault's client counts: the keys that we have are still right for all stored data.
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
