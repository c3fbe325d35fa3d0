package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.RecordedIssuers.withEndpoints;
import static social.avatarai.mcp.world.ServerWorld.config;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.DiscoveredServer.Source;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OperatorsClient;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;

/** A profile has the metadata of an issuer that publishes none. No metadata is asked for. */
class ProfileMetadataFlowTest {
  private final FlowWorld world = RecordedIssuers.bareWorld();
  private final ServerWorld server = new ServerWorld(world);

  @BeforeEach
  void describe() {
    OperatorsClient.described(world);
    world.authorizationServer
        .preRegister(FakeClient.confidential(OperatorsClient.ID, OperatorsClient.SECRET, world.contextCallback())
            .authenticatingBy("client_secret_post"));
  }

  @AfterEach
  void closeAndSeeThatNoMetadataWasAskedFor() {
    assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    world.close();
  }

  @Test
  void operatorsClientAuthenticatesAtTheEndpointsOfTheProfileWhereTheOperatorBindsTheIssuer() {
    world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + world.authorizationServer.issuer());
    server.put();
    var begun = server.begin();
    assertThat(begun.warnings()).contains(Warning.PKCE_NOT_ADVERTISED).doesNotContain(Warning.ISSUER_BY_RECORD);
    server.consented(begun);
    assertThat(world.authorizationServer.tokenRequests()).singleElement().satisfies(
        request -> assertThat(request.parameters()).containsEntry("client_secret", OperatorsClient.SECRET));

    world.restart();
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(world.authorizationServer.revocations()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/"})
  void discoveryAndRedirectUriSayWhatTheProfileSays(String slash) {
    var written = new Issuer(world.authorizationServer.issuer() + slash);
    var found = world.flow().discoverAuthorizationServer(USER, written, deadline());
    assertThat(found.source()).isEqualTo(Source.PROFILE);
    assertThat(found.metadataUrl()).isNull();
    assertThat(found.metadata().document().path("issuer").asText()).isEqualTo(world.authorizationServer.issuer());
    assertThat(found.metadata().tokenEndpoint().value()).isEqualTo(world.authorizationServer.issuer() + "/token");
    assertThat(world.flow().redirectUris(USER, written, world.now()).published()).isTrue();
  }

  @Test
  void recordBindsTheIssuerWithoutEndpointsOrWithThoseOfTheProfile() {
    var record = withEndpoints(world);
    server.put(record);
    var grant = server.connectWithConsent();
    assertThat(grant.warnings()).contains(Warning.ISSUER_BY_RECORD);
    assertThat(grant.target().stated()).as("the profile is used").isNull();
    for (var member : new String[]{"authorization_endpoint", "token_endpoint", "revocation_endpoint",
        "scope_separator"})
      config(record).remove(member);
    assertThat(server.put(record).path("status").asText()).isEqualTo("connected");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @ParameterizedTest
  @CsvSource({"authorization_endpoint,/other", "token_endpoint,/other", "revocation_endpoint,/other"})
  void otherEndpointsThanThoseOfTheProfileAreRefused(String member, String path) {
    var record = withEndpoints(world);
    config(record).put(member, world.authorizationServer.issuer() + path);
    assertThatExceptionOfType(Failure.BadRequest.class).isThrownBy(() -> server.put(record))
        .satisfies(failure -> assertThat(failure.safeMessage()).contains("the profile of the issuer"));
  }
}
