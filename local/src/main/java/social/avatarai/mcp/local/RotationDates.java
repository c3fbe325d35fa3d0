package social.avatarai.mcp.local;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import social.avatarai.mcp.http.Json;

/**
 * When each step of a rotation was taken, from {@code dates} of the document of the keys, and which step has to wait
 * for it.
 */
final class RotationDates {
  private final Clock clock;

  RotationDates(Clock clock) {
    this.clock = clock;
  }

  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }

  void note(ObjectNode document, String id, String step) {
    document.withObject("/dates").withObject("/" + id).put(step, now().toString());
  }

  static Optional<Instant> of(ObjectNode document, String id, String step) {
    return Json.text(document.path("dates").path(id), step).map(Instant::parse);
  }

  /**
   * When this step will be old enough. Empty if it already is, or if it has no date, because it was taken by hand or
   * with the stack.
   */
  Optional<Instant> settling(ObjectNode document, String id, String step, Duration wait) {
    return of(document, id, step).map(date -> date.plus(wait)).filter(settled -> now().isBefore(settled));
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) throw new IllegalArgumentException(otherwise);
  }
}
