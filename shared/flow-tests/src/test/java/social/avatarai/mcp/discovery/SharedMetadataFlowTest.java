package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.Discovery.Probe;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;

/** Two users share the cache of a process. One of them has chosen a secret that is a word of another party's text. */
class SharedMetadataFlowTest {
  private static final String ELSEWHERE = "/elsewhere/oauth-protected-resource";

  private final FakeAuthorizationServer authorizationServer = FakeAuthorizationServer.start(
      knobs -> knobs.metadata("scopes_supported", List.of("files:read-all")));
  private final FakeMcpServer mcpServer = FakeMcpServer.protectedBy(authorizationServer,
      knobs -> knobs.metadataAt(ELSEWHERE));
  private final OutboundDoor door = new OutboundDoor(AddressPolicy.withLoopback());
  private final Discovery discovery = new Discovery(door, new MetadataCache(Clock.systemUTC()), Clock.systemUTC());
  private final EndpointUrl server = new EndpointUrl(mcpServer.url());

  @AfterEach
  void close() {
    try (authorizationServer; mcpServer; door) {
    }
  }

  private static <T> T invoking(Callable<T> invocation) {
    try {
      return Journal.withRequestId("request", invocation);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"token_endpoint_auth_methods_supported", "authorization_response_iss_parameter_supported",
      "revocation_endpoint", "files:read-all"})
  void secretThatIsAWordOfAnIssuersMetadataChangesNoDecisionForAnybody(String secret) {
    var issuer = new Issuer(authorizationServer.issuer());
    var ofAttacker = invoking(() -> {
      assertThat(new AccessToken(secret).reveal()).isEqualTo(secret);
      return discovery.authorizationServer(issuer, soon());
    });
    var ofVictim = invoking(() -> discovery.authorizationServer(issuer, soon()));
    assertThat(ofVictim.metadata().scopesSupported()).isEqualTo(Scopes.parse("files:read-all"));
    for (var metadata : List.of(ofAttacker.metadata(), ofVictim.metadata())) {
      assertThat(metadata.sendsIss()).isTrue();
      assertThat(metadata.tokenEndpointAuthMethods()).isNotEmpty();
      assertThat(metadata.revocationEndpoint()).isPresent();
    }
  }

  /** Without the challenge, the server would be taken for one that publishes no metadata. */
  @ParameterizedTest
  @ValueSource(strings = {"resource_metadata", "files:read-all"})
  void secretThatIsAWordOfAChallengeChangesNoDecisionForAnybody(String secret) {
    var ofAttacker = invoking(() -> {
      assertThat(new AccessToken(secret).reveal()).isEqualTo(secret);
      return discovery.resource(server, challenge(), soon());
    });
    assertThat(ofAttacker.found()).isEqualTo(DiscoveredResource.Found.CHALLENGE);
    var ofVictim = invoking(() -> discovery.resource(server, (_, _) -> challenge(), soon()));
    assertThat(ofVictim.found()).isEqualTo(DiscoveredResource.Found.CHALLENGE);
    assertThat(ofVictim.challengedScope()).isEqualTo(Scopes.parse("files:read-all"));
  }

  private Probe challenge() {
    var line = "Bearer resource_metadata=\"" + mcpServer.origin() + ELSEWHERE + "\", scope=\"files:read-all\"";
    return new Probe(401, Challenge.answerable(List.of(line)));
  }
}
