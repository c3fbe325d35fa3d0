package social.avatarai.mcp.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.discovery.DiscoveredServer;
import social.avatarai.mcp.discovery.Discovery;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.registration.RequestBudget;

/**
 * The metadata of the issuers that records name.
 *
 * <p>An issuer that did not answer is not asked again for a moment, because an import may name it in many records. An
 * answer that cannot be used is remembered for the user alone, because it may be unusable only for this user: it must
 * not hold the user's own secrets.
 */
public final class RecordIssuers {
  /** For this long, an issuer that could not be asked is not asked again. */
  private static final Duration FAILURE_LIFE = Duration.ofSeconds(20);
  private static final int MAX_FAILED = 100;
  /** With less time than this, it may be the call and not the issuer that was too slow. */
  private static final Duration MIN_TO_BLAME = Duration.ofSeconds(4);

  private final Discovery discovery;
  private final RequestBudget budget;
  private final Clock clock;
  private final Map<Asked, Failed> failed = new LinkedHashMap<>();

  /**
   * Who gets the same failure again.
   *
   * @param user the user; null stands for everyone
   */
  private record Asked(Issuer issuer, @Nullable UserId user) {}

  private record Failed(Failure failure, Instant until) {}

  public RecordIssuers(Discovery discovery, RequestBudget budget, Clock clock) {
    this.discovery = discovery;
    this.budget = budget;
    this.clock = clock;
  }

  /**
   * The metadata of the issuer that a record names, or the endpoints that the record states. A request to the issuer
   * counts as a call of the user.
   */
  AuthorizationServerMetadata of(McpServer server, Deadline deadline) {
    var issuer = Objects.requireNonNull(server.terms().issuer());
    var stated = server.terms().endpoints();
    if (stated != null) return DiscoveredServer.stated(issuer, stated).metadata();
    var remembered = discovery.remembered(issuer).or(() -> discovery.remembered(issuer.otherSpelling()));
    if (remembered.isPresent()) return remembered.get().metadata();
    var user = server.key().user();
    failureOf(issuer, user).ifPresent(failure -> {
      throw failure;
    });
    budget.take(user);
    boolean hasTime = deadline.hasAtLeast(MIN_TO_BLAME);
    try {
      return discovery.writtenIssuer(issuer, deadline).metadata();
    } catch (Failure.Crowded e) {
      throw e;
    } catch (Failure failure) {
      if (hasTime) note(new Asked(issuer, failure instanceof Failure.Unreachable ? null : user), failure);
      throw failure;
    }
  }

  private synchronized Optional<Failure> failureOf(Issuer issuer, UserId user) {
    failed.values().removeIf(one -> !clock.instant().isBefore(one.until()));
    return Optional.ofNullable(failed.get(new Asked(issuer, null)))
        .or(() -> Optional.ofNullable(failed.get(new Asked(issuer, user)))).map(Failed::failure);
  }

  private synchronized void note(Asked asked, Failure failure) {
    if (failed.size() >= MAX_FAILED) failed.remove(failed.keySet().iterator().next());
    failed.put(asked, new Failed(failure, clock.instant().plus(FAILURE_LIFE)));
  }
}
