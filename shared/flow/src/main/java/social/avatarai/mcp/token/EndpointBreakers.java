package social.avatarai.mcp.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.RefreshLanes.Lane;

/**
 * The circuit breakers of the scheduled refresh, one for each token endpoint, in the memory of this process. While a
 * breaker is open, the schedule postpones the grants of its endpoint. Calls of users do not ask the breakers.
 *
 * <p>A breaker opens only when several users in a row got no usable response. So one user, whose grants alone fail at a
 * shared issuer, keeps no other user's grant from being refreshed.
 */
final class EndpointBreakers {
  static final int USERS_TO_OPEN = 3;
  static final int MAX_BREAKERS = 1_000;
  static final Duration FIRST_OPEN = Duration.ofMinutes(1);
  static final Duration MAX_OPEN = Duration.ofMinutes(15);

  private final Clock clock;
  private final Map<EndpointUrl, Breaker> breakers = RecentMap.ofAtMost(MAX_BREAKERS);

  EndpointBreakers(Clock clock) {
    this.clock = clock;
  }

  /** What the result of an attempt says about the endpoint. */
  enum Word {
    RESPONDED, FAILED, NONE
  }

  private static final class Breaker {
    final Set<UserId> failing = new HashSet<>();
    /** The users whose attempts probe a breaker that is half open. */
    final Set<UserId> probing = new HashSet<>();
    Duration open = FIRST_OPEN;
    @Nullable
    Instant until;

    void open(Instant now) {
      if (until != null) open = open.multipliedBy(2).compareTo(MAX_OPEN) < 0 ? open.multipliedBy(2) : MAX_OPEN;
      until = now.plus(open);
      failing.clear();
    }
  }

  /** Empty if an attempt may begin; {@link #note} must follow. Otherwise this is the time of the next try. */
  synchronized Optional<Instant> closedTo(Lane lane) {
    var breaker = breakers.get(lane.endpoint());
    if (breaker == null || breaker.until == null) return Optional.empty();
    var now = clock.instant();
    if (now.isBefore(breaker.until)) return Optional.of(breaker.until);
    // Half open: a few users probe, one attempt each, so that one user's failing grant is not the only probe.
    boolean probes = breaker.probing.size() < USERS_TO_OPEN && breaker.probing.add(lane.user());
    return probes ? Optional.empty() : Optional.of(now);
  }

  synchronized void note(Lane lane, Word word) {
    if (word == Word.RESPONDED) breakers.remove(lane.endpoint());
    var breaker = word == Word.FAILED
        ? breakers.computeIfAbsent(lane.endpoint(), _ -> new Breaker())
        : breakers.get(lane.endpoint());
    if (breaker == null) return;
    boolean probed = breaker.probing.remove(lane.user());
    if (word != Word.FAILED) return;
    breaker.failing.add(lane.user());
    var now = clock.instant();
    boolean isOpen = breaker.until != null && now.isBefore(breaker.until);
    if (isOpen) return;
    boolean lastProbe = probed && breaker.probing.isEmpty();
    if (lastProbe || breaker.failing.size() >= USERS_TO_OPEN) breaker.open(now);
  }
}
