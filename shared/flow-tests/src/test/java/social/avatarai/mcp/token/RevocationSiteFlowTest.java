package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.lambda.Wiring;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;

/**
 * Where a token is sent to be revoked. In these tests, all ports of one host are one site, and {@code localhost} and
 * {@code 127.0.0.1} are two sites. The issuer is at {@code localhost}.
 */
class RevocationSiteFlowTest {
  private final FlowWorld world = FlowWorld.start(knobs -> knobs.authMethods("client_secret_post"));
  private final LoopbackHttp collector = LoopbackHttp.start(_ -> Response.of(200));

  @AfterEach
  void close() {
    try (collector) {
      world.close();
    }
  }

  private static String foreign(String url) {
    return url.replace("localhost", "127.0.0.1");
  }

  private void publish(String member, String url) {
    world.authorizationServer.adjust(knobs -> knobs.metadata(member, url));
  }

  private String own(String path) {
    return world.authorizationServer.issuer() + path;
  }

  /** Disconnects in another process, which remembers no metadata. */
  private boolean disconnect() {
    world.restart();
    return world.flow().disconnect(USER, world.connection(), deadline()).revoked();
  }

  private void assertNothingIsSent() {
    assertThat(disconnect()).isFalse();
    assertThat(collector.requests()).isEmpty();
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.stored(USER)).isEmpty();
    assertThat(world.log()).contains("\"not_revoked\"", "on another site");
  }

  /** The bug: the token endpoint was compared, and the token was sent to the revocation endpoint nevertheless. */
  @Test
  void metadataThatChangesAfterTheConsentSendsNeitherTokenNorClientSecretToAnotherSite() {
    world.connect();
    publish("revocation_endpoint", foreign(collector.url()) + "/revoke");
    assertNothingIsSent();
  }

  @Test
  void warningOfTheConsentDoesNotExcuseASiteThatNothingOfTheGrantNames() {
    publish("revocation_endpoint", foreign(collector.url()) + "/revoke");
    world.connect();
    assertNothingIsSent();
  }

  @Test
  void metadataWhoseTokenEndpointHasLeftTheSiteRevokesNothing() {
    world.connect();
    publish("token_endpoint", foreign(collector.url()) + "/token");
    assertNothingIsSent();
  }

  /** As at Google, whose issuer is on another site than its token endpoint and its revocation endpoint. */
  @Test
  void endpointOnTheSiteOfTheSealedTokenEndpointIsAsked() {
    publish("token_endpoint", foreign(own("/token")));
    publish("revocation_endpoint", foreign(own("/revoke")));
    world.connect();
    assertThat(disconnect()).isTrue();
    assertThat(world.authorizationServer.revocations()).hasSize(1);
  }

  @Test
  void endpointOnTheSiteOfTheIssuerIsAskedWhereTheTokenEndpointIsElsewhere() {
    publish("token_endpoint", foreign(own("/token")));
    world.connect();
    assertThat(disconnect()).isTrue();
    assertThat(world.authorizationServer.revocations()).hasSize(1);
  }

  // A provider's own way

  private void knowing(String revocation) {
    var profiles = Profiles.read(Map.of("example", Json.object(("{\"issuer\":\"" + world.authorizationServer.issuer()
        + "\",\"requests\":{\"revocation\":" + revocation + "}}").getBytes(UTF_8)).orElseThrow()));
    var platform = world.platform;
    world.wired(() -> new Wiring(Settings.read(platform.environment(), profiles), profiles, platform,
        platform.journal()));
  }

  private String wayAt(String url) {
    return "{\"method\":\"POST\",\"url\":\"" + url + "/{client_id}\",\"token\":\"refresh_token\",\"member\":\"t\"}";
  }

  /** A profile is a part of the product, so its URL is trusted, and the metadata is not asked. */
  @Test
  void urlInTheProfileOfTheIssuerIsAskedWhereverItIs() {
    knowing(wayAt(foreign(collector.url())));
    var grant = world.connect();
    publish("revocation_endpoint", own("/revoke"));

    assertThat(disconnect()).isTrue();
    assertThat(collector.requests()).singleElement().satisfies(request -> {
      assertThat(request.path()).isEqualTo("/" + grant.client().id().value());
      assertThat(request.body())
          .isEqualTo("{\"t\":\"" + Objects.requireNonNull(grant.tokens().refreshToken()).reveal() + "\"}");
    });
    assertThat(world.authorizationServer.revocations()).isEmpty();
  }

  @Test
  void tokenOfAClientWithoutASecretIsNotSentInTheProvidersOwnWay() {
    world.authorizationServer.adjust(knobs -> knobs.authMethods("none"));
    knowing(wayAt(foreign(collector.url())));
    world.connect();

    assertThat(disconnect()).isFalse();
    assertThat(collector.requests()).isEmpty();
    assertThat(world.stored(USER)).isEmpty();
    assertThat(world.log()).contains("\"not_revoked\"", "clients with a secret");
  }

  @Test
  void tokenOfAnotherKindIsNotSentInTheProvidersOwnWay() {
    world.authorizationServer.adjust(knobs -> knobs.withoutRefreshTokens());
    knowing(wayAt(foreign(collector.url())));
    world.connect();

    assertThat(disconnect()).isFalse();
    assertThat(collector.requests()).isEmpty();
    assertThat(world.log()).contains("\"not_revoked\"", "another kind of token");
  }
}
