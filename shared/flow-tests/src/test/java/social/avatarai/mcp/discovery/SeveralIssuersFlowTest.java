package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;

/** A resource that names several authorization servers, of which the first cannot be used. */
class SeveralIssuersFlowTest {

  static Stream<Consumer<AuthorizationServerKnobs>> unusable() {
    Stream<Consumer<AuthorizationServerKnobs>> closed = Stream.of(401, 403, 404, 405, 410)
        .map(status -> knobs -> knobs.refuseRegistration(status, "access_denied"));
    return Stream.concat(closed, Stream.of(knobs -> knobs.wellKnown(),
        knobs -> knobs.withoutMetadata("code_challenge_methods_supported"),
        AuthorizationServerKnobs::withoutRegistration));
  }

  /** The first issuer has these knobs. The second is the one of the world. */
  private static FakeAuthorizationServer first(FlowWorld world, Consumer<AuthorizationServerKnobs> knobs) {
    var first = FakeAuthorizationServer.start(knobs);
    world.mcpServer.adjust(mcp -> mcp.authorizationServers(first.issuer(), world.authorizationServer.issuer()));
    return first;
  }

  @ParameterizedTest
  @MethodSource("unusable")
  void takesTheNextIssuerWhereTheFirstCanNeverBeUsed(Consumer<AuthorizationServerKnobs> knobs) {
    try (var world = FlowWorld.start(); var _ = first(world, knobs)) {
      for (int start = 0; start < 2; start++) {
        assertThat(world.connect().target().issuer()).isEqualTo(new Issuer(world.authorizationServer.issuer()));
        world.restart();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void outageOfTheFirstIssuerChoosesNoOther(int status) {
    try (var world = FlowWorld.start(); var first = first(world, _ -> {})) {
      first.metadataEndpoint().next(Response.of(status), Response.of(status));
      assertFails(ErrorCode.UPSTREAM_UNREACHABLE, world::begin);
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    }
  }

  @Test
  void registrationThatCannotBeMadeNowChoosesNoOtherIssuer() {
    try (var world = FlowWorld.start(); var first = first(world, _ -> {})) {
      first.registrationEndpoint().next(Response.of(429));
      assertFails(ErrorCode.UPSTREAM_UNREACHABLE, world::begin);
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"client_id\":\"a\",\"client_id\":\"b\"}", "{}", "<html></html>"})
  void registrationWhoseResponseCannotBeReadChoosesNoOtherIssuer(String body) {
    try (var world = FlowWorld.start(); var first = first(world, _ -> {})) {
      first.registrationEndpoint().next(Response.of(201).body("application/json", body));
      assertFails(ErrorCode.INVALID_UPSTREAM_ANSWER, world::begin);
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    }
  }

  @Test
  void failedCheckOfTheFirstIssuerChoosesNoOther() {
    try (var world = FlowWorld.start();
        var _ = first(world, knobs -> knobs.metadata("issuer", "https://else.example"))) {
      assertFails(ErrorCode.ISSUER_MISMATCH, world::begin);
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    }
  }

  @Test
  void errorNamesEveryIssuerWithItsReason() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::withoutRegistration);
        var first = first(world, knobs -> knobs.wellKnown())) {
      var failure = catchThrowableOfType(Failure.class, world::begin);
      assertThat(failure.code()).isEqualTo(ErrorCode.CLIENT_REQUIRED);
      assertThat(failure.safeMessage())
          .contains("\"" + first.issuer() + "\": The authorization server publishes no metadata.")
          .contains("\"" + world.authorizationServer.issuer() + "\": The authorization server takes no registrations");
      world.assertNothingBegan();
    }
  }

  @Test
  void longIssuerIsCutInTheError() {
    try (var world = FlowWorld.start(AuthorizationServerKnobs::withoutRegistration)) {
      String issuer = world.authorizationServer.issuer();
      world.mcpServer.adjust(mcp -> mcp.authorizationServers(issuer + "/" + "x".repeat(500), issuer));
      assertThat(catchThrowableOfType(Failure.class, world::begin).safeMessage()).contains("xxx…\"")
          .doesNotContain("x".repeat(200));
    }
  }

  @Test
  void issuerThatTheCallerChoosesIsNotReplaced() {
    try (var world = FlowWorld.start(); var first = first(world, AuthorizationServerKnobs::withoutRegistration)) {
      assertFails(ErrorCode.CLIENT_REQUIRED, () -> world.begin(USER, FlowWorld.at(first.issuer())));
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    }
  }

  @Test
  void issuerThatTheOperatorBindsIsNotReplaced() {
    try (var world = FlowWorld.start(); var first = first(world, AuthorizationServerKnobs::withoutRegistration)) {
      world.with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + first.issuer());
      assertFails(ErrorCode.CLIENT_REQUIRED, world::begin);
    }
  }

  @Test
  void issuerOfTheGrantStaysThoughAnotherBecomesUsable() {
    try (var world = FlowWorld.start(); var first = first(world, AuthorizationServerKnobs::withoutRegistration)) {
      var second = world.connect().target().issuer();
      first.adjust(knobs -> knobs.wellKnown());
      world.restart();
      assertThat(world.connect(USER, AuthorizationStart.fresh()).target().issuer()).isEqualTo(second);
    }
  }

  @Test
  void issuerOfTheGrantIsNotReplacedWhenItCanNoLongerBeUsed() {
    try (var world = FlowWorld.start()) {
      world.connect();
      world.restart();
      try (var next = FakeAuthorizationServer.start()) {
        world.mcpServer
            .adjust(mcp -> mcp.authorizationServers(world.authorizationServer.issuer(), next.issuer()));
        world.authorizationServer.adjust(knobs -> knobs.wellKnown());
        assertFails(ErrorCode.ISSUER_METADATA_NOT_FOUND, world::begin);
        assertThat(next.metadataRequests()).isEmpty();
      }
    }
  }
}
