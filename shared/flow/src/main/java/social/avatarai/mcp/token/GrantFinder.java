package social.avatarai.mcp.token;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.IssuerRules;
import social.avatarai.mcp.token.Grants.Unopened;

/**
 * Finds the grant for a request to a URL. Several connections may have grants that cover the URL; the nearest grant is
 * used ({@link GrantTarget#nearness}).
 *
 * <p>Where the operator wants exact resources, a grant is found for the URL of its own server only.
 *
 * <p>Grants of different issuers that are equally near may belong to different servers and accounts. The finder never
 * chooses between such grants, whatever their states. Among several grants of one issuer, a usable grant comes first,
 * then a grant that needs a new consent, then a grant whose server is switched off. A grant that is less near is never
 * used instead: a server that is switched off stays off, and a consent that has ended is asked for again.
 *
 * <p>There is one exception. Earlier releases took the user's whole URL as the resource of a server that publishes no
 * metadata; now the resource has no query. The new consent makes another grant then, which is less near, and the user
 * would be asked for consent without end.
 */
public final class GrantFinder {
  /** The maximum number of connections that an error names. */
  private static final int MAX_NAMED = 5;
  private static final int NEEDS_CONSENT = 1;
  private static final int WORKS = 2;

  private final Grants grants;
  private final IssuerRules rules;
  private final Clock clock;
  private final Journal journal;

  public GrantFinder(Grants grants, IssuerRules rules, Clock clock, Journal journal) {
    this.grants = grants;
    this.rules = rules;
    this.clock = clock;
    this.journal = journal;
  }

  /**
   * The grant; empty if no grant covers the URL. Fails with {@code ambiguous_connection} if several grants fit equally
   * well, and with {@code misconfigured} if a grant that cannot be opened is at least as near.
   */
  public Optional<Grant> find(UserId user, EndpointUrl url) {
    var covering = grants.covering(user, url);
    var usable = covering.grants().stream().filter(grant -> rules.mayBeUsedAt(url, grant.target().serverUrl()))
        .toList();
    var current = usable.stream().filter(grant -> usable.stream().noneMatch(other -> isFollowedBy(grant, other)))
        .toList();
    var nearest = mostOf(current, GrantFinder::nearness);
    covering.unopened().forEach(unopened -> passOver(unopened, nearest));
    if (nearest.stream().anyMatch(grant -> !isOfSameIssuer(nearest.getFirst(), grant))) throw ambiguous(nearest);
    var fitting = mostOf(nearest, this::usability);
    if (fitting.size() > 1) throw ambiguous(fitting);
    return fitting.stream().findFirst();
  }

  /**
   * Whether the other grant works in place of this one, which needs a new consent: it is of the same issuer, and for the
   * same resource without the query.
   */
  private boolean isFollowedBy(Grant grant, Grant other) {
    var resource = grant.target().resource().url();
    return !resource.queryPart().isEmpty() && usability(grant) == NEEDS_CONSENT && usability(other) == WORKS
        && isOfSameIssuer(grant, other)
        && other.target().resource().url().equals(resource.withoutQuery());
  }

  /** An issuer may have come to spell itself otherwise since one of the consents. */
  private static boolean isOfSameIssuer(Grant one, Grant other) {
    return one.target().issuer().means(other.target().issuer());
  }

  private static long nearness(Grant grant) {
    return grant.target().nearness();
  }

  /**
   * A grant that cannot be opened covers no URL. Another grant is used for its URLs only if the other grant is nearer.
   */
  private void passOver(Unopened unopened, List<Grant> nearest) {
    if (nearest.stream().noneMatch(grant -> nearness(grant) > unopened.nearness())) throw unopened.fault();
    journal.write("grant_unreadable",
        Map.of("connection", unopened.connection(), "erased", false, "detail", unopened.fault().detail()));
  }

  private int usability(Grant grant) {
    if (!grant.enabled()) return 0;
    return grant.needsConsent(clock.instant()) ? NEEDS_CONSENT : WORKS;
  }

  private static List<Grant> mostOf(List<Grant> grants, ToLongFunction<Grant> measure) {
    long most = grants.stream().mapToLong(measure).max().orElse(0);
    return grants.stream().filter(grant -> measure.applyAsLong(grant) == most).toList();
  }

  private static Failure ambiguous(List<Grant> fitting) {
    String named = fitting.stream().map(grant -> grant.key().connection().value()).sorted().limit(MAX_NAMED)
        .collect(Collectors.joining(", "));
    return new Failure.BadRequest(ErrorCode.AMBIGUOUS_CONNECTION,
        fitting.size() + " connections fit this URL equally well. Name the one you mean by server_id: " + named + ".");
  }
}
