package social.avatarai.mcp;

import java.time.Duration;

/** A short wait for somebody else's work: a seam, so that tests do not wait. */
@FunctionalInterface
public interface Pause {
  void of(Duration duration);

  /** Really waits. */
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
