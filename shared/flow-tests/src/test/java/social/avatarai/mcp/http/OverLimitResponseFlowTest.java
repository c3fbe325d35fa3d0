package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static social.avatarai.mcp.world.FlowWorld.USER;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.ServerWorld;

/** What servers send beyond a limit: the error that ends the call names the limit. */
class OverLimitResponseFlowTest {

  private static Response json(String body) {
    return Response.of(200).body("application/json", body);
  }

  private static Response tooDeep() {
    return json("{\"a\":".repeat(Json.MAX_DEPTH + 1) + "1" + "}".repeat(Json.MAX_DEPTH + 1));
  }

  private static Response tooLarge() {
    return json("{\"a\":\"" + "a".repeat(OutboundRequest.MAX_DOCUMENT_BYTES) + "\"}");
  }

  private static Response tooManyHeaders() {
    var response = json("{}");
    for (int i = 0; i <= OutboundClient.MAX_HEADERS; i++)
      response = response.with("X-" + i, "1");
    return response;
  }

  private static Response tooLongHeaders() {
    var response = json("{}");
    for (int i = 0; i < 3; i++)
      response = response.with("X-" + i, "a".repeat(OutboundClient.MAX_HEADER_BYTES / 2));
    return response;
  }

  static Stream<Arguments> responses() {
    return Stream.of(
        arguments(tooDeep(), ErrorCode.INVALID_METADATA, Json.MAX_DEPTH),
        arguments(tooLarge(), ErrorCode.INVALID_UPSTREAM_ANSWER, OutboundRequest.MAX_DOCUMENT_BYTES),
        arguments(tooManyHeaders(), ErrorCode.INVALID_UPSTREAM_ANSWER, OutboundClient.MAX_HEADERS),
        arguments(tooLongHeaders(), ErrorCode.INVALID_UPSTREAM_ANSWER, OutboundClient.MAX_HEADER_BYTES));
  }

  private static void assertNames(Failure failure, ErrorCode code, int limit) {
    assertThat(failure.code()).isEqualTo(code);
    assertThat(failure.safeMessage()).containsPattern("\\b" + limit + "\\b");
    assertThat(failure.safeMessage().length()).as("it fits into a hint").isLessThan(300);
  }

  @ParameterizedTest
  @MethodSource("responses")
  void metadataThatAServerNamesIsRefusedWithTheLimit(Response response, ErrorCode code, int limit) {
    try (var world = FlowWorld.start(_ -> {}, mcp -> mcp.metadataResponse(response))) {
      assertNames(catchThrowableOfType(Failure.class, world::begin), code, limit);
      world.assertNothingBegan();
    }
  }

  /** The bug: metadata that was nested too deep counted as no metadata, and the server as one that has none. */
  @ParameterizedTest
  @MethodSource("responses")
  void metadataAtAGuessedUrlIsNotAbsentBecauseItIsBeyondALimit(Response response, ErrorCode code, int limit) {
    try (var world = FlowWorld.start();
        var old = FakeMcpServer.atOriginOf(world.authorizationServer,
            mcp -> mcp.withoutResourceMetadata().metadataResponse(response))) {
      var failure = catchThrowableOfType(Failure.class,
          () -> world.begin(USER, FlowWorld.urlOf(old), AuthorizationStart.fresh()));
      assertNames(failure, code, limit);
      world.assertNothingBegan();
    }
  }

  @ParameterizedTest
  @MethodSource("responses")
  void metadataOfAnIssuerIsRefusedWithTheLimit(Response response, ErrorCode code, int limit) {
    try (var world = FlowWorld.start()) {
      for (int url = 0; url < 2; url++)
        world.authorizationServer.metadataEndpoint().next(response);
      assertNames(catchThrowableOfType(Failure.class, world::begin), code, limit);
      world.assertNothingBegan();
    }
  }

  @Test
  void metadataThatIsRedirectedTooOftenIsRefusedWithTheLimit() {
    try (var world = FlowWorld.start()) {
      for (int hop = 0; hop < 2 * (OutboundDoor.MAX_REDIRECTS + 1); hop++)
        world.authorizationServer.metadataEndpoint().next(Response.redirect(302,
            world.authorizationServer.issuer() + "/.well-known/oauth-authorization-server"));
      assertNames(catchThrowableOfType(Failure.class, world::begin), ErrorCode.INVALID_UPSTREAM_ANSWER,
          OutboundDoor.MAX_REDIRECTS);
    }
  }

  static Stream<Arguments> tokenResponses() {
    return Stream.of(arguments(tooDeep(), Json.MAX_DEPTH),
        arguments(tooLarge(), OutboundRequest.MAX_DOCUMENT_BYTES));
  }

  /** The bug: the user saw that there were no tokens, and not why. */
  @ParameterizedTest
  @MethodSource("tokenResponses")
  void tokenResponseBeyondALimitIsNamedInTheErrorOfTheConnection(Response response, int limit) {
    try (var world = FlowWorld.start()) {
      var server = new ServerWorld(world);
      server.put();
      var begun = server.begin();
      var approved = world.approve(begun);
      world.authorizationServer.tokenEndpoint().next(response);
      assertThat(world.callback(begun, approved)).isInstanceOf(CallbackOutcome.Failed.class);
      var error = world.flow().server(USER, ServerWorld.MCP_ID).path("error");
      assertThat(error.path("code").asText()).isEqualTo("upstream_unreachable");
      assertThat(error.path("hint").asText()).containsPattern("\\b" + limit + "\\b");
    }
  }
}
