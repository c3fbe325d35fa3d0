package social.avatarai.mcp.registration;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;

/**
 * The registration endpoints whose last successful response could not be used, such as one with two values for one
 * name. The issuer has then registered a client that this service does not know. Each further flow would leave one more
 * such client, so this process asks again only after a while.
 */
final class UnusableResponses {
  static final Duration MIN_BETWEEN_TRIES = Duration.ofMinutes(10);
  private static final int MAX_ENDPOINTS = 100;

  private final Clock clock;
  private final Map<EndpointUrl, Noted> noted = new LinkedHashMap<>();

  UnusableResponses(Clock clock) {
    this.clock = clock;
  }

  private record Noted(Failure failure, Instant until) {}

  /** Throws the failure of the last try if that was a short time ago. */
  synchronized void requireNone(EndpointUrl endpoint) {
    var last = noted.get(endpoint);
    if (last != null && clock.instant().isBefore(last.until())) throw last.failure();
  }

  /** Notes the failure; returns it with the time of the next try. */
  synchronized Failure note(EndpointUrl endpoint, Failure failure) {
    var until = clock.instant().plus(MIN_BETWEEN_TRIES);
    var dated = failure.withRetryAt(until);
    noted.remove(endpoint);
    if (noted.size() >= MAX_ENDPOINTS) noted.remove(noted.keySet().iterator().next());
    noted.put(endpoint, new Noted(dated, until));
    return dated;
  }
}
