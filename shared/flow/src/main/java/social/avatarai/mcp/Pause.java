package social.avatarai.mcp;

import java.time.Duration;

/** A short wait for the work of another process. Tests replace it so that they do not wait. */
@FunctionalInterface
public interface Pause {
  void of(Duration duration);

  /** Blocks the thread for the whole duration. */
  static Pause real() {
    return duration -> {
      try {
        Thread.sleep(duration);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting", e);
      }
    };
  }
}
