package social.avatarai.mcp.benchmarks.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
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

/** The grants of one round, each of another user, all due in the last minute. */
record DueRound(int number, int grants, List<LoopbackIssuer> issuers) {

  void store(Grants store, DueGrants dueGrants, Instant now) {
    ScheduledTables.together(IntStream.range(0, grants).boxed().toList(), i -> {
      var grant = grant(i, now);
      store.store(grant);
      dueGrants.schedule(grant.key(), grant.state().dueMinute());
    });
  }

  private Grant grant(int i, Instant now) {
    var origin = issuers.get(i % issuers.size()).origin();
    var target = new GrantTarget(new Issuer(origin), new EndpointUrl(origin + "/token"),
        new ResourceUri("https://mcp.example/mcp"), new EndpointUrl("https://mcp.example/mcp"));
    var key = new ConnectionKey(new UserId("did:plc:round" + number + "user" + i), new ConnectionId("server"));
    var client = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.DYNAMIC, new ClientId("client"),
        ClientAuthenticationMethod.NONE);
    var obtained = now.minus(Duration.ofMinutes(50));
    var tokens = new Tokens(new AccessToken(text("access", i)), new RefreshToken(text("refresh", i)), Scopes.none(),
        obtained, obtained.plus(Duration.ofHours(1)));
    var state = GrantState.healthy(now, RefreshTiming.minute(now) - 1);
    return new Grant(key, new GrantId("grant-" + number + "-" + i), 1, target, client, tokens, state, Set.of(), null);
  }

  private String text(String kind, int i) {
    return String.format(Locale.ROOT, "%s-%08d-%031d", kind, number, i);
  }
}
