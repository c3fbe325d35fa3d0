package social.avatarai.mcp.token;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.store.Grants;

/**
 * Finds the grant that a URL is asked with, whichever connection it belongs to: of those that cover the URL, the one whose
 * resource is nearest.
 *
 * <p>Grants of different issuers for the same resource may be those of different servers and accounts, so none makes way
 * for another, whatever their states. Of several from one issuer, one that can be used is preferred to one that needs a new
 * consent, and both to one whose server is switched off. None of these makes way for a grant of a resource that is less
 * near: a server that is switched off stays so, and a consent that has ended is asked for again.
 */
public final class GrantFinder {
  /** How many of the connections that fit equally well an error names. */
  private static final int MAX_NAMED = 5;

  private final Grants grants;
  private final Clock clock;

  public GrantFinder(Grants grants, Clock clock) {
    this.grants = grants;
    this.clock = clock;
  }

  /** The grant; empty where none covers the URL, {@code ambiguous_connection} where several fit it equally well. */
  public Optional<Grant> find(UserId user, EndpointUrl url) {
    var nearest = mostOf(grants.covering(user, url), grant -> grant.target().resource().nearness());
    if (nearest.stream().map(grant -> grant.target().issuer()).distinct().count() > 1) throw ambiguous(nearest);
    var fitting = mostOf(nearest, this::usability);
    if (fitting.size() > 1) throw ambiguous(fitting);
    return fitting.stream().findFirst();
  }

  private int usability(Grant grant) {
    if (!grant.enabled()) return 0;
    return grant.needsConsent(clock.instant()) ? 1 : 2;
  }

  private static List<Grant> mostOf(List<Grant> grants, ToIntFunction<Grant> measure) {
    int most = grants.stream().mapToInt(measure).max().orElse(0);
    return grants.stream().filter(grant -> measure.applyAsInt(grant) == most).toList();
  }

  private static Failure ambiguous(List<Grant> fitting) {
    String named = fitting.stream().map(grant -> grant.key().connection().value()).sorted().limit(MAX_NAMED)
        .collect(Collectors.joining(", "));
    return new Failure.BadRequest(ErrorCode.AMBIGUOUS_CONNECTION,
        fitting.size() + " connections fit this URL equally well. Name the one you mean by server_id: " + named + ".");
  }
}
