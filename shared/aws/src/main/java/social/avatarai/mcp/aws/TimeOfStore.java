package social.avatarai.mcp.aws;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.SharedClock;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Sets the clock of the process by the {@code Date} of each response of the store (RFC 9110 §6.6.1). */
public final class TimeOfStore implements ExecutionInterceptor {
  private final SharedClock clock;
  private final Journal journal;
  private final AtomicBoolean disbelieved = new AtomicBoolean();

  public TimeOfStore(SharedClock clock, Journal journal) {
    this.clock = clock;
    this.journal = journal;
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    context.httpResponse().firstMatchingHeader("Date").flatMap(TimeOfStore::instant).ifPresent(this::note);
  }

  /** A time that is not believed is logged once in a process. */
  private void note(Instant time) {
    if (clock.observe(time) || disbelieved.getAndSet(true)) return;
    journal.write("store_time_not_believed", Map.of("time", time.toString()));
  }

  private static Optional<Instant> instant(String date) {
    try {
      return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from));
    } catch (DateTimeParseException e) {
      // A response without a readable time corrects nothing.
      return Optional.empty();
    }
  }
}
