package social.avatarai.mcp.aws;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import social.avatarai.mcp.SharedClock;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Sets the clock of the process by the {@code Date} of each response of the store (RFC 9110 §6.6.1). */
public final class TimeOfStore implements ExecutionInterceptor {
  private final SharedClock clock;

  public TimeOfStore(SharedClock clock) {
    this.clock = clock;
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    context.httpResponse().firstMatchingHeader("Date").flatMap(TimeOfStore::instant).ifPresent(clock::observe);
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
