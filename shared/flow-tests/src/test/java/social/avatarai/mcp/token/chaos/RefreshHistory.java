package social.avatarai.mcp.token.chaos;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Tokens;

/** One random history: processes refresh the grants of a few users while everything fails, and then nothing does. */
final class RefreshHistory {
  private static final int USERS = 2;
  private static final int EVENTS = 18;
  private static final int MAX_AT_ONCE = 5;
  private static final int QUIET_ROUNDS = 40;
  private static final Duration SKEW = Duration.ofMinutes(5);
  private static final GrantTarget TARGET = new GrantTarget(new Issuer("https://as.example"),
      new EndpointUrl("https://as.example/token"), new ResourceUri("https://mcp.example/mcp"),
      new EndpointUrl("https://mcp.example/mcp"));
  private static final ClientIdentity CLIENT = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.DYNAMIC,
      new ClientId("client"), ClientAuthenticationMethod.NONE);

  private final World world;
  private final List<ConnectionKey> keys = IntStream.range(0, USERS)
      .mapToObj(i -> new ConnectionKey(new UserId("user-" + i), new ConnectionId("server"))).toList();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Journal journal = new Journal(new PrintStream(log, true, StandardCharsets.UTF_8),
      Clock.fixed(World.START, ZoneOffset.UTC));

  RefreshHistory(long seed) {
    var kinds = ModelIssuer.Kind.values();
    world = new World(seed, kinds[(int) Math.floorMod(seed, (long) kinds.length)]);
  }

  /** Runs the history, and returns the faults that happened. Fails if a promise is broken. */
  Map<Faults.Kind, Integer> run() {
    keys.forEach(this::consent);
    for (int event = 0; event < EVENTS; event++) {
      world.advance(pauseBetweenEvents());
      begin();
      while (world.turns.size() > world.random.nextInt(MAX_AT_ONCE))
        turn();
    }
    while (!world.turns.isEmpty())
      turn();
    world.faults.end();
    keys.forEach(this::calmDown);
    return world.faults.counts();
  }

  /** What happened, for a comparison with the same history again. */
  String traced() {
    return world.traced();
  }

  private void consent(ConnectionKey key) {
    var now = world.now();
    var tokens = new Tokens(new AccessToken("access"), world.issuer.consent(key), Scopes.none(), now,
        now.plusSeconds(600));
    long due = now.getEpochSecond() / 60 + world.random.nextInt(7, 9);
    world.grants.store(Grant.first(key, TARGET, CLIENT, tokens, Set.of(), now).inState(GrantState.healthy(now, due)));
    world.dueGrants.schedule(key, due);
  }

  /** Mostly moments, so that calls meet each other; sometimes minutes, so that leases, waits and tokens end. */
  private Duration pauseBetweenEvents() {
    return switch (world.random.nextInt(6)) {
      case 0 -> Duration.ofMinutes(world.random.nextInt(1, 15));
      case 1 -> Duration.ofSeconds(world.random.nextInt(20, 60));
      default -> Duration.ofMillis(world.random.nextInt(2_000));
    };
  }

  private void begin() {
    var key = keys.get(world.random.nextInt(keys.size()));
    int work = world.random.nextInt(7);
    var skew = switch (world.random.nextInt(4)) {
      case 0 -> SKEW;
      case 1 -> SKEW.negated();
      default -> Duration.ZERO;
    };
    world.turns.begin(actor -> {
      var process = new FakeProcess(world, actor, key, journal, skew);
      switch (work) {
        case 0, 1 -> process.runSchedule();
        case 2 -> process.refresh(true);
        case 3 -> process.use(true);
        case 4 -> process.use(false);
        default -> process.refresh(false);
      }
    });
  }

  private void turn() {
    world.advance(Duration.ofMillis(world.random.nextInt(200) == 0 ? 5_000 : world.random.nextInt(300)));
    world.turns.next();
  }

  /** Without faults, a grant must become usable again, or must say that its user has to consent. */
  private void calmDown(ConnectionKey key) {
    for (int round = 0; round < QUIET_ROUNDS; round++) {
      world.advance(Duration.ofMinutes(11));
      world.turns.begin(actor -> new FakeProcess(world, actor, key, journal, Duration.ZERO).refresh(false));
      while (!world.turns.isEmpty())
        turn();
      var grant = world.grants.peek(key).orElseThrow();
      boolean renewed = !grant.tokens().isExpired(world.now());
      if (renewed || grant.state().needsReauthorization()) {
        judge(grant);
        return;
      }
    }
    throw new AssertionError("the grant neither works nor needs a consent");
  }

  private void judge(Grant grant) {
    var token = grant.tokens().refreshToken();
    var family = world.issuer.family(token == null ? "" : token.reveal());
    if (!grant.state().needsReauthorization()) {
      World.check(world.isActive(grant), "the stored refresh token is not the active one of " + family);
      return;
    }
    boolean refusedTwice = world.wasRefusedTwice(family);
    World.check(refusedTwice || !world.isActive(grant),
        "a consent is asked for, although the token of " + family + " is active");
    World.check(refusedTwice || world.hasLost(family),
        "the grant ended without a fault that could have ended it: " + family);
    World.check(world.ends(grant) == 1, "the need for a consent was recorded " + world.ends(grant) + " times");
    long logged = log.toString(StandardCharsets.UTF_8).lines()
        .filter(line -> line.contains("\"reauthorization_required\"")).count();
    // A process may die between the write and its log line.
    World.check(logged <= keys.size(), "the need for a consent was logged " + logged + " times");
  }
}
