package social.avatarai.mcp.token;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What a run has done so far. Many threads count. */
final class RunCount {
  final AtomicInteger seen = new AtomicInteger();
  final AtomicInteger refreshed = new AtomicInteger();
  final AtomicInteger postponed = new AtomicInteger();
  final AtomicInteger skippedByShare = new AtomicInteger();
  final AtomicInteger skippedByBreaker = new AtomicInteger();
  private final AtomicLong lateMinutes = new AtomicLong();

  void late(long minutes) {
    lateMinutes.accumulateAndGet(minutes, Math::max);
  }

  ScheduledRefresh.Run result(boolean finished) {
    return new ScheduledRefresh.Run(seen.get(), refreshed.get(), postponed.get(),
        skippedByShare.get() + skippedByBreaker.get(), finished);
  }

  Map<String, Object> fields() {
    return Map.of("seen", seen.get(), "refreshed", refreshed.get(), "postponed", postponed.get(), "skipped_share",
        skippedByShare.get(), "skipped_breaker", skippedByBreaker.get(), "late_minutes", lateMinutes.get());
  }
}
