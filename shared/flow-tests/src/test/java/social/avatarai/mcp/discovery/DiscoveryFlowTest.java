package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** Which authorization servers a flow uses, and which it refuses. */
class DiscoveryFlowTest {

  @Test
  void refusesAnIssuerThatTheResourceDoesNotName() {
    try (var world = FlowWorld.start(); var stranger = FakeAuthorizationServer.start()) {
      assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.begin(USER, FlowWorld.at(stranger.issuer())));

      assertThat(stranger.metadataRequests()).isEmpty();
      world.assertNothingBegan();
    }
  }

  @Test
  void takesAnIssuerThatTheOperatorHasBoundToTheResource() {
    try (var world = FlowWorld.start(_ -> {}, mcp -> mcp.authorizationServers("https://issuer.example"))) {
      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + world.authorizationServer.issuer());

      assertThat(world.connect(USER, FlowWorld.at(world.authorizationServer.issuer())).target().issuer().value())
          .isEqualTo(world.authorizationServer.issuer());
      assertThat(world.connect().target().issuer().value()).isEqualTo(world.authorizationServer.issuer());
    }
  }

  @Test
  void takesABoundIssuerForThatResourceOriginOnly() {
    try (var world = FlowWorld.start();
        var bound = FakeAuthorizationServer.start();
        var elsewhere = FakeMcpServer.protectedBy(bound)) {
      world.with("ISSUER_BINDINGS", elsewhere.origin() + "=" + bound.issuer());

      assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> world.begin(USER, FlowWorld.at(bound.issuer())));
      assertThat(bound.registrations()).isEmpty();
      world.assertNothingBegan();
    }
  }

  @Test
  void takesTheFirstOfSeveralIssuersUnlessTheCallerNamesAnother() {
    try (var world = FlowWorld.start(); var second = FakeAuthorizationServer.start()) {
      world.mcpServer.adjust(mcp -> mcp.authorizationServers(world.authorizationServer.issuer(), second.issuer()));

      assertThat(world.begin().authorizationUrl()).startsWith(world.authorizationServer.issuer() + "/authorize?");
      assertThat(world.begin(USER, FlowWorld.at(second.issuer())).authorizationUrl())
          .startsWith(second.issuer() + "/authorize?");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://issuer.example", "%s/", "%s/tenant"})
  void refusesMetadataOfAnotherIssuerAndSendsNothing(String named) {
    try (var world = FlowWorld.start()) {
      world.authorizationServer
          .adjust(knobs -> knobs.metadata("issuer", named.formatted(world.authorizationServer.issuer())));

      assertFails(ErrorCode.ISSUER_MISMATCH, world::begin);
      world.assertNothingBegan();
    }
  }

  @Test
  void refusesAnIssuerThatDoesNotSayItSupportsPkce() {
    try (var world = FlowWorld.start(knobs -> knobs.withoutMetadata("code_challenge_methods_supported"))) {
      assertFails(ErrorCode.PKCE_UNSUPPORTED, world::begin);
      world.assertNothingBegan();
    }
  }

  @Test
  void takesAnIssuerThatDoesNotSayItSupportsPkceWhereTheOperatorTrustsItAndWarns() {
    try (var world = FlowWorld.start(knobs -> knobs.withoutMetadata("code_challenge_methods_supported"))) {
      world.with("PKCE_EXCEPTIONS", world.authorizationServer.issuer());

      assertThat(world.connect().warnings()).containsExactly(Warning.PKCE_NOT_ADVERTISED);
      assertThat(world.authorizationServer.authorizeRequests().getFirst().parameters()).containsEntry(
          "code_challenge_method",
          "S256");
    }
  }

  @Test
  void refusesAnIssuerThatSupportsOnlyPlainPkceWhateverTheOperatorTrusts() {
    try (var world = FlowWorld.start(knobs -> knobs.metadata("code_challenge_methods_supported", List.of("plain")))) {
      world.with("PKCE_EXCEPTIONS", world.authorizationServer.issuer());

      assertFails(ErrorCode.PKCE_UNSUPPORTED, world::begin);
      world.assertNothingBegan();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://victim.example/mcp", "%s/other", "%s/mc", "%s/mcp/below", "%s/MCP"})
  void refusesMetadataOfAnotherResource(String named) {
    try (var world = FlowWorld.start()) {
      world.mcpServer.adjust(mcp -> mcp.resource(named.formatted(world.mcpServer.origin())));

      assertFails(ErrorCode.RESOURCE_MISMATCH, world::begin);
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
      world.assertNothingBegan();
    }
  }

  /**
   * Grants are found by their resource. So a resource that is too long to be found is refused before the user consents.
   */
  @Test
  void refusesAResourceThatIsTooLongToBeFoundBy() {
    try (var world = FlowWorld.start(_ -> {}, mcp -> mcp.path("/" + "a".repeat(ResourceUri.MAX_LENGTH)))) {
      assertFails(ErrorCode.INVALID_METADATA, world::begin);
      var server = new ServerWorld(world);
      server.put();
      assertFails(ErrorCode.INVALID_METADATA, () -> server.connect(USER));
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
      world.assertNothingBegan();

      world.restart();
      world.mcpServer.adjust(mcp -> mcp.resource(world.mcpServer.origin()));
      assertThat(world.connect().target().resource().value()).isEqualTo(world.mcpServer.origin());
    }
  }

  @Test
  void refusesTheUrlOfAServerOfBeforeResourceMetadataThatIsTooLongForAResource() {
    try (var world = FlowWorld.start();
        var old = FakeMcpServer.atOriginOf(world.authorizationServer, mcp -> mcp.withoutResourceMetadata()
            .metadataResponse(Response.of(404)).path("/" + "a".repeat(ResourceUri.MAX_LENGTH)))) {
      assertFails(ErrorCode.INVALID_URL, () -> world.begin(USER, FlowWorld.urlOf(old), AuthorizationStart.fresh()));
      world.assertNothingBegan();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "%s/", "%s/mcp/"})
  void sendsTheResourceVerbatimToBothEndpoints(String named) {
    try (var world = FlowWorld.start()) {
      String resource = named.formatted(world.mcpServer.origin());
      world.mcpServer.adjust(mcp -> mcp.resource(resource));

      var grant = world.connect();

      assertThat(grant.target().resource().value()).isEqualTo(resource);
      assertThat(world.authorizationServer.authorizeRequests().getFirst().parameters()).containsEntry("resource",
          resource);
      assertThat(world.authorizationServer.tokenRequests().getFirst().parameters()).containsEntry("resource", resource);
    }
  }

  @ParameterizedTest
  @CsvSource({"authorization_endpoint,javascript:alert(1)", "authorization_endpoint,data:text/html;x",
      "authorization_endpoint,http://issuer.example/authorize", "authorization_endpoint,search-ms:query=x",
      "authorization_endpoint,https://user@issuer.example/authorize",
      "authorization_endpoint,https://issuer.example/authorize#fragment", "token_endpoint,http://issuer.example/token",
      "token_endpoint,file:///etc/passwd", "registration_endpoint,http://issuer.example/register"})
  void refusesAnEndpointThatIsNoHttpsUrl(String endpoint, String url) {
    try (var world = FlowWorld.start(knobs -> knobs.metadata(endpoint, url))) {
      assertFails(ErrorCode.INVALID_METADATA, world::begin);
      world.assertNothingBegan();
    }
  }

  @ParameterizedTest
  @CsvSource({"authorization_endpoint,https://10.0.0.5/authorize", "authorization_endpoint,https://[fd00:ec2::254]/",
      "token_endpoint,https://169.254.169.254/token", "token_endpoint,https://100.64.0.1/token",
      "registration_endpoint,https://192.168.0.1/register"})
  void refusesAnEndpointAtAnInnerAddress(String endpoint, String url) {
    try (var world = FlowWorld.start(knobs -> knobs.metadata(endpoint, url))) {
      assertFails(ErrorCode.BLOCKED_URL, world::begin);
      world.assertNothingBegan();
    }
  }

  @Test
  void refusesAChallengeThatNamesMetadataAtAnInnerAddress() {
    try (var world = FlowWorld.start(_ -> {},
        mcp -> mcp.resourceMetadata("https://169.254.169.254/latest/meta-data/"))) {
      assertFails(ErrorCode.BLOCKED_URL, world::begin);
      world.assertNothingBegan();
    }
  }

  @Test
  void refusesAnIssuerAtAnInnerAddress() {
    try (var world = FlowWorld.start(_ -> {}, mcp -> mcp.authorizationServers("https://10.0.0.5"))) {
      assertFails(ErrorCode.BLOCKED_URL, world::begin);
      world.assertNothingBegan();
    }
  }

  @Test
  void refusesAnIssuerWithoutMetadata() {
    try (var world = FlowWorld.start(knobs -> knobs.wellKnown())) {
      assertFails(ErrorCode.ISSUER_METADATA_NOT_FOUND, world::begin);
      world.assertNothingBegan();
    }
  }

  @Test
  void replacesParametersOfOursInTheAuthorizationEndpoint() {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.adjust(knobs -> knobs.metadata("authorization_endpoint", world.authorizationServer
          .issuer()
          + "/authorize?tenant=one&client_id=evil&state=x&redirect_uri=https%3A%2F%2Fevil.example&scope=admin&request=x"));

      var sent = sent(world.begin());

      assertThat(sent.repeatedParameters()).isEmpty();
      assertThat(sent.parameters()).containsEntry("tenant", "one").doesNotContainKeys("request", "scope")
          .containsEntry("redirect_uri", world.contextCallback());
      assertThat(sent.rawQuery()).doesNotContain("evil");
    }
  }

  @Test
  void connectsToAServerOfBeforeResourceMetadataAndWarns() {
    try (var world = FlowWorld.start();
        var old = FakeMcpServer.atOriginOf(world.authorizationServer,
            mcp -> mcp.withoutResourceMetadata().metadataResponse(Response.of(404)))) {
      var grant = world.connect(USER, FlowWorld.urlOf(old), AuthorizationStart.fresh());

      assertThat(grant.warnings()).containsExactly(Warning.LEGACY_DISCOVERY);
      assertThat(grant.target().issuer()).isEqualTo(new Issuer(world.authorizationServer.origin()));
    }
  }

  /** The bug: without resource metadata, the user's whole URL was the resource, and its key went to the issuer. */
  @Test
  void keyInTheUrlOfAServerOfBeforeResourceMetadataIsNotSentToTheIssuer() {
    try (var world = FlowWorld.start();
        var old = FakeMcpServer.atOriginOf(world.authorizationServer,
            mcp -> mcp.withoutResourceMetadata().metadataResponse(Response.of(404)))) {
      var grant = world.connect(USER, new EndpointUrl(old.url() + "?api_key=canary"), AuthorizationStart.fresh());

      assertThat(grant.target().resource().value()).isEqualTo(old.url());
      assertThat(grant.target().serverUrl().value()).isEqualTo(old.url() + "?api_key=canary");
      assertThat(world.authorizationServer.authorizeRequests().toString()).doesNotContain("canary");
      assertThat(world.authorizationServer.tokenRequests().toString()).doesNotContain("canary");
      assertThat(old.requests()).isNotEmpty().allMatch(request -> request.rawQuery().equals("api_key=canary"));
    }
  }

  @Test
  void takesNoClientOfOneIssuerToAnother() {
    try (var world = FlowWorld.start(); var next = FakeAuthorizationServer.start()) {
      var first = world.connect();
      world.mcpServer.moveTo(next);
      world.restart();

      var begun = world.begin();

      assertThat(next.registrations()).hasSize(1);
      assertThat(begun.authorizationUrl()).startsWith(next.issuer()).doesNotContain(first.client().id().value());
      assertThat(next.tokenRequests()).isEmpty();
    }
  }
}
