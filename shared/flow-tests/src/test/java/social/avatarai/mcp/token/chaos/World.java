package social.avatarai.mcp.token.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.testkit.memory.MemoryDueGrants;
import social.avatarai.mcp.testkit.memory.MemoryGrants;
import social.avatarai.mcp.testkit.memory.MemoryLeases;
import social.avatarai.mcp.testkit.memory.StoreTraffic;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;

/** Everything outside the processes: time, the stores, the issuer, and the requests on their way. It judges, too. */
final class World {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** A refusal that may be transient counts when it comes again after a minute, by clocks that may differ a little. */
  private static final Duration MIN_BETWEEN_REFUSALS = Duration.ofSeconds(57);

  final RandomGenerator random;
  final Turns turns;
  final Faults faults;
  final ModelIssuer issuer;
  final MemoryGrants grants = new MemoryGrants(new StoreTraffic());
  final MemoryLeases leases = new MemoryLeases(new StoreTraffic());
  final MemoryDueGrants dueGrants = new MemoryDueGrants(new StoreTraffic());
  private final List<TokenRequest> underWay = new ArrayList<>();
  private final Map<String, Instant> notBefore = new HashMap<>();
  private final Map<GrantId, Long> versions = new HashMap<>();
  private final Map<GrantId, Integer> ends = new HashMap<>();
  private final Set<GrantId> ended = new HashSet<>();
  private final Set<ModelIssuer.Family> losses = new HashSet<>();
  private final MessageDigest trace = sha256();
  private long events;
  private final Map<String, Instant> refusedAt = new HashMap<>();
  private final Set<ModelIssuer.Family> refusedTwice = new HashSet<>();
  private Instant now = START;

  World(long seed, ModelIssuer.Kind kind) {
    this.random = new java.util.SplittableRandom(seed);
    this.turns = new Turns(random);
    this.faults = new Faults(random);
    this.issuer = new ModelIssuer(kind);
  }

  /** Adds an event to the trace of this history, with the time of the event. */
  void trace(String event) {
    trace.update((now + " " + event + "\n").getBytes(UTF_8));
    events++;
  }

  /** The number of events, and a digest of all of them in their order. */
  String traced() {
    return events + " events " + HexFormat.of().formatHex(trace.digest());
  }

  Instant now() {
    return now;
  }

  /** Moves time on. Requests that arrive meanwhile are carried out in the order of their arrival. */
  void advance(Duration duration) {
    var until = now.plus(duration);
    underWay.stream().filter(request -> request.isWaiting() && !request.arrivesAt().isAfter(until))
        .sorted(java.util.Comparator.comparing(TokenRequest::arrivesAt)).toList().forEach(request -> {
          now = request.arrivesAt();
          request.carryOut(issuer);
        });
    now = until;
    turns.end(now);
    underWay.removeIf(request -> request.isOver(now));
  }

  /** A refresh token leaves a process. This is the moment at which most promises can be broken. */
  void send(TokenRequest request, ConnectionKey owner) {
    trace("send " + request.token());
    var family = issuer.family(request.token());
    check(family.owner.equals(owner), "a refresh token of " + family + " was sent for " + owner.user());
    check(underWay.stream().noneMatch(other -> other.token().equals(request.token()) && !other.isOver(now)),
        "a second request with the same refresh token is under way, of " + family);
    var earliest = notBefore.get(request.token());
    check(earliest == null || !now.isBefore(earliest), "the refresh token was sent again before " + earliest + ", of "
        + family);
    underWay.add(request);
  }

  /** No process may send this refresh token before that moment. {@link Instant#MAX} stands for never. */
  void forbidBefore(String token, Instant earliest) {
    notBefore.put(token, earliest);
  }

  /** The issuer, or something in front of it, has refused this token without ending it. The second time may count. */
  void noteRefusal(String token) {
    var before = refusedAt.put(token, now);
    if (before != null && !now.isBefore(before.plus(MIN_BETWEEN_REFUSALS))) refusedTwice.add(issuer.family(token));
  }

  boolean wasRefusedTwice(ModelIssuer.Family family) {
    return refusedTwice.contains(family);
  }

  /** The new tokens of this family were lost by a fault, so the family may end. */
  void noteLoss(String token) {
    losses.add(issuer.family(token));
  }

  boolean hasLost(ModelIssuer.Family family) {
    return losses.contains(family);
  }

  /** Looks at a grant after each call of the store: its version only grows. */
  void look(ConnectionKey key) {
    grants.peek(key).ifPresent(grant -> {
      long before = versions.getOrDefault(grant.id(), 0L);
      check(grant.version() >= before, "the version went back from " + before + " to " + grant.version());
      versions.put(grant.id(), grant.version());
      boolean over = grant.state().needsReauthorization();
      if (over && ended.add(grant.id())) ends.merge(grant.id(), 1, Integer::sum);
      if (!over) ended.remove(grant.id());
    });
  }

  /** How often it was recorded that the grant needs a new consent. */
  int ends(Grant grant) {
    return ends.getOrDefault(grant.id(), 0);
  }

  boolean isActive(Grant grant) {
    var token = grant.tokens().refreshToken();
    return token != null && issuer.accepts(token.reveal(), now);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static void check(boolean holds, String broken) {
    if (!holds) throw new AssertionError(broken);
  }
}
