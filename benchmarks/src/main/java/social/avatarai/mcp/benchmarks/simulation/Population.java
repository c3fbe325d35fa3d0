package social.avatarai.mcp.benchmarks.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.RefreshTiming;
import social.avatarai.mcp.token.Tokens;

/**
 * The grants of a scenario, as they are after days of service: their tokens are of all ages, and their due minutes are
 * spread accordingly. The grants with the lowest numbers are the active ones.
 */
final class Population {
  private static final Duration DAY = Duration.ofDays(1);

  private final Scenario scenario;
  private final Instant now;
  private final Random random;
  private final GrantTarget[] targets;

  Population(Scenario scenario, Instant now, Random random) {
    this.scenario = scenario;
    this.now = now;
    this.random = random;
    this.targets = IntStream.range(0, scenario.issuers()).mapToObj(Population::target).toArray(GrantTarget[]::new);
  }

  private static GrantTarget target(int issuer) {
    String origin = "https://as-" + issuer + ".example";
    String server = "https://mcp-" + issuer + ".example/mcp";
    return new GrantTarget(new Issuer(origin), new EndpointUrl(origin + "/token"), new ResourceUri(server),
        new EndpointUrl(server));
  }

  ConnectionKey key(int grant) {
    return new ConnectionKey(new UserId("user-" + grant / scenario.grantsPerUser()),
        new ConnectionId("server-" + grant % scenario.grantsPerUser()));
  }

  void store(Grants grants, DueGrants dueGrants) {
    for (int number = 0; number < scenario.grants(); number++) {
      var grant = grant(number);
      grants.store(grant);
      dueGrants.schedule(grant.key(), grant.state().dueMinute());
    }
  }

  /** Stores the grants, so that this many are due in the next minute and the others on another day. */
  void storeDue(Grants grants, DueGrants dueGrants, int due) {
    long next = RefreshTiming.minute(now) + 1;
    for (int number = 0; number < scenario.grants(); number++) {
      var grant = grant(number);
      long minute = number < due ? next : next + DAY.toMinutes();
      grants.store(grant.inState(GrantState.healthy(grant.state().lastUsed(), minute)));
      dueGrants.schedule(grant.key(), minute);
    }
  }

  private Grant grant(int number) {
    boolean active = number < scenario.active();
    var life = scenario.tokenLife().compareTo(DAY) < 0 && active ? scenario.tokenLife() : DAY;
    var due = share(life, active ? 0.7 : 0.8, active ? 0.9 : 1.0);
    var age = share(due, 0, 1);
    var obtainedAt = now.minus(age);
    var tokens = new Tokens(new AccessToken("access-" + number),
        new RefreshToken(SimulatedIssuers.refreshToken(number, 0)),
        Scopes.none(), obtainedAt, obtainedAt.plus(scenario.tokenLife()));
    var lastUsed = active
        ? now.minus(share(DAY.dividedBy(scenario.usesPerDay()), 0, 1))
        : now.minus(DAY.multipliedBy(3));
    long minute = RefreshTiming.minute(obtainedAt.plus(due), now);
    var client = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.DYNAMIC, new ClientId("client"),
        ClientAuthenticationMethod.NONE);
    return new Grant(key(number), new GrantId("grant-" + number), 1, targets[number % targets.length], client, tokens,
        GrantState.healthy(lastUsed, minute), Set.of(), null);
  }

  private Duration share(Duration whole, double from, double to) {
    return Duration.ofMillis((long) (whole.toMillis() * random.nextDouble(from, to)));
  }
}
