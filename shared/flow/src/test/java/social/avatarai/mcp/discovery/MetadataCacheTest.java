package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.ScriptedOutbound;
import social.avatarai.mcp.discovery.Discovery.Probe;

class MetadataCacheTest {
  private static final EndpointUrl SERVER = new EndpointUrl("https://mcp.example/mcp");
  private static final Issuer ISSUER = new Issuer("https://auth.example");
  private static final Deadline DEADLINE = Deadline.in(Duration.ofMinutes(1));

  private final MovableClock clock = new MovableClock();
  private final MetadataCache cache = new MetadataCache(clock);
  private final ScriptedOutbound world = new ScriptedOutbound()
      .responding("https://mcp.example/.well-known/oauth-protected-resource/mcp", HttpResponses.json(200,
          "{'resource':'https://mcp.example/mcp','authorization_servers':['https://auth.example']}"))
      .responding("https://auth.example/.well-known/oauth-authorization-server", HttpResponses.json(200,
          "{'issuer':'https://auth.example','authorization_endpoint':'https://auth.example/a',"
              + "'token_endpoint':'https://auth.example/t'}"));
  private final Discovery discovery = new Discovery(world, cache, clock);

  @Test
  void keepsMetadataForAnHourAndNoLonger() {
    discover(401, "scope=\"read\"");
    discovery.authorizationServer(ISSUER, DEADLINE);

    clock.advance(Duration.ofMinutes(60).minusMillis(1));
    assertThat(cache.resource(SERVER)).isPresent();
    assertThat(cache.server(ISSUER)).isPresent();

    clock.advance(Duration.ofMillis(1));
    assertThat(cache.resource(SERVER)).isEmpty();
    assertThat(cache.server(ISSUER)).isEmpty();
  }

  @Test
  void probesAServerOnlyWhenItIsNotKnown() {
    discover(401, "scope=\"read\"");

    var known = discovery.resource(SERVER, (server, deadline) -> {
      throw new AssertionError("probed");
    }, DEADLINE);

    assertThat(known.challengedScope()).isEqualTo(Scopes.parse("read"));
    assertThat(world.asked()).hasSize(1);
  }

  @Test
  void keepsServersByTheirWholeUrl() {
    var found = discover(401, "scope=\"read\"");
    var tenant = new EndpointUrl("https://mcp.example/mcp?tenant=a");
    cache.keep(new DiscoveredResource(tenant, found.metadata(), found.found(), found.metadataUrl(),
        found.challengedScope()));

    assertThat(cache.resource(tenant).orElseThrow().server()).isEqualTo(tenant);
    assertThat(cache.resource(new EndpointUrl("https://mcp.example/mcp/"))).isEmpty();
    assertThat(cache.resource(new EndpointUrl("https://mcp.example/mcp?tenant=b"))).isEmpty();
    assertThat(cache.server(new Issuer("https://auth.example/"))).isEmpty();
  }

  @Test
  void keepsNothingOfWhatAServerAsksOfOneUsersToken() {
    discover(401, "scope=\"read\"");
    var stepUp = discover(403, "error=\"insufficient_scope\", scope=\"admin\"");

    assertThat(stepUp.challengedScope()).isEqualTo(Scopes.parse("admin"));
    assertThat(cache.resource(SERVER).orElseThrow().challengedScope()).isEqualTo(Scopes.parse("read"));
  }

  @Test
  void keepsNothingWhereA403CameFirst() {
    discover(403, "error=\"insufficient_scope\", scope=\"admin\"");

    assertThat(cache.resource(SERVER)).isEmpty();
  }

  @Test
  void forgetsAServerTogetherWithItsIssuers() {
    discover(401, "");
    discovery.authorizationServer(ISSUER, DEADLINE);

    discovery.forget(SERVER);

    assertThat(cache.resource(SERVER)).isEmpty();
    assertThat(cache.server(ISSUER)).isEmpty();
  }

  /** The bug: after the server's entry had expired, a newer entry of its issuer stayed. */
  @Test
  void forgetsTheIssuersOfAServerThatIsKeptNoLonger() {
    discover(401, "");
    clock.advance(Duration.ofMinutes(59));
    discovery.authorizationServer(ISSUER, DEADLINE);
    clock.advance(Duration.ofMinutes(2));

    discovery.forget(SERVER);

    assertThat(cache.server(ISSUER)).isEmpty();
  }

  @Test
  void forgetsNothingElse() {
    discover(401, "");
    discovery.authorizationServer(ISSUER, DEADLINE);

    discovery.forget(new EndpointUrl("https://mcp.example/other"));

    assertThat(cache.resource(SERVER)).isPresent();
    assertThat(cache.server(ISSUER)).isPresent();
  }

  @Test
  void keepsAtMostFiveHundredDocumentsAndLosesTheOldest() {
    var first = discover(401, "");
    for (int i = 0; i < 499; i++)
      cache.keep(at("https://mcp" + i + ".example/mcp", first));
    assertThat(cache.resource(SERVER)).isPresent();

    cache.keep(at("https://one-more.example/mcp", first));

    assertThat(cache.resource(SERVER)).isEmpty();
    assertThat(cache.resource(new EndpointUrl("https://mcp0.example/mcp"))).isPresent();
    assertThat(cache.resource(new EndpointUrl("https://one-more.example/mcp"))).isPresent();
  }

  private DiscoveredResource discover(int status, String parameters) {
    return discovery.resource(SERVER, new Probe(status, Challenge.answerable(List.of("Bearer " + parameters))),
        DEADLINE);
  }

  private static DiscoveredResource at(String url, DiscoveredResource like) {
    return new DiscoveredResource(new EndpointUrl(url), like.metadata(), like.found(), like.metadataUrl(),
        like.challengedScope());
  }
}
