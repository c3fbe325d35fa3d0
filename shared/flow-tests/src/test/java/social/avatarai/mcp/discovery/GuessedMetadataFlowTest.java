package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.FakeWellKnown;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;

/** What a server answers at a metadata URL that we guessed: a document, another one, or nothing that claims to be one. */
class GuessedMetadataFlowTest {

  private static Response answer(String body) {
    return Response.of(200).body("application/json", body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"error\":\"not found\"}", "{\"resource\":null}", "{\"resource\":\"\"}", "[]",
      "<html>not here</html>", "{\"authorization_servers\":[\"https://else.example\"]}"})
  void objectThatNamesNoResourceIsNoMetadata(String body) {
    try (var world = FlowWorld.start();
        var old = FakeMcpServer.atOriginOf(world.authorizationServer,
            mcp -> mcp.withoutResourceMetadata().metadataResponse(answer(body)))) {
      assertThat(world.connect(USER, FlowWorld.urlOf(old), AuthorizationStart.fresh()).warnings())
          .containsExactly(Warning.LEGACY_DISCOVERY);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"resource\":\"https://else.example\"}", "{\"resource\":[\"x\"]}", "{\"resource\":1}"})
  void objectThatNamesAnotherResourceEndsTheSearch(String body) {
    try (var world = FlowWorld.start();
        var old = FakeMcpServer.atOriginOf(world.authorizationServer,
            mcp -> mcp.withoutResourceMetadata().metadataResponse(answer(body)))) {
      assertThat(catchThrowable(
          () -> world.begin(USER, FlowWorld.urlOf(old), AuthorizationStart.fresh())))
          .isInstanceOf(Failure.ProtocolBroken.class);
      world.assertNothingBegan();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"error\":\"not found\"}", "{\"resource\":\"\"}"})
  void objectThatNamesNoResourceIsFinalWhereAChallengeNamesIt(String body) {
    try (var world = FlowWorld.start(_ -> {}, mcp -> mcp.metadataResponse(answer(body)))) {
      assertFails(ErrorCode.INVALID_METADATA, world::begin);
      world.assertNothingBegan();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"error\":\"not found\"}", "{\"issuer\":null}", "{\"issuer\":\"\"}", "[]", "<html>"})
  void nextUrlIsTriedAfterAnObjectThatNamesNoIssuer(String body) {
    try (var world = FlowWorld.start(
        knobs -> knobs.wellKnown(FakeWellKnown.OPENID_INSERTED))) {
      world.authorizationServer.metadataEndpoint().next(answer(body));
      world.connect();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"issuer\":\"https://else.example\"}", "{\"issuer\":1}", "{\"issuer\":{}}"})
  void noOtherUrlIsTriedAfterAnObjectThatNamesAnotherIssuer(String body) {
    try (var world = FlowWorld.start()) {
      world.authorizationServer.metadataEndpoint().next(answer(body));
      assertFails(ErrorCode.ISSUER_MISMATCH, world::begin);
      assertThat(world.authorizationServer.metadataRequests()).hasSize(1);
    }
  }
}
