package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.withId;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.withoutId;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.GrantWorld.used;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.McpServerKnobs.Rejection;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** A tool runs, and then its server says something that looks like the end of the agreement. It must not run twice. */
class RepeatedToolFlowTest {
  private static final String MODERN = "2026-07-28";
  private static final String LEGACY = "2025-11-25";
  private static final String PAID = "checkout session created, webhook failed";

  /** The tool has run when it is refused like this. */
  private static Response ran(Received request, int status, int code, String message) {
    var error = Json.newObject().put("jsonrpc", "2.0");
    error.set("id", request.json().path("id"));
    error.putObject("error").put("code", code).put("message", message);
    return Response.json(status, error);
  }

  private static void assertRunsOnce(GrantWorld world) {
    var _ = catchThrowable(() -> world.access(USER, call("pay")));
    assertThat(world.mcpServer.received("tools/call")).as("tools/call").isEqualTo(1);
  }

  static List<Rejection> errorsOfATool() {
    return List.of(withId(400, -32603, PAID), withId(400, -32000, PAID), withId(400, 7, "unknown session of the shop"),
        withoutId(400, -32603, PAID), withId(200, -32020, "Paid, but no receipt"), withId(200, -32022, "Paid"),
        withId(500, -32022, "Paid"), withId(410, -32000, PAID));
  }

  @ParameterizedTest
  @MethodSource("errorsOfATool")
  void errorOfAToolThatHasRunIsNoEndOfTheSession(Rejection rejection) {
    try (var world = used(knobs -> knobs.refuse("tools/call", rejection))) {
      assertRunsOnce(world);
    }
  }

  @Test
  void textWithTheWordSessionIsNoEndOfTheSession() {
    try (var world = used(_ -> {})) {
      world.mcpServer.mcpEndpoint().next(Response.of(400).body("text/plain", PAID));
      assertRunsOnce(world);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404})
  void serverThatWasRolledBackAndRunsAToolWithoutAHandshakeRunsTheToolOnce(int status) {
    try (var world = used(knobs -> knobs.protocolVersions(MODERN, LEGACY))) {
      world.mcpServer.adjust(knobs -> knobs.protocolVersions(LEGACY).withoutSessions());
      world.mcpServer.mcpEndpoint().nextFrom(request -> ran(request, status, -32603, PAID));
      assertRunsOnce(world);
    }
  }

  @Test
  void serverThatWasRolledBackAndSaysWithATextThatTheToolRanRunsTheToolOnce() {
    try (var world = used(knobs -> knobs.protocolVersions(MODERN, LEGACY))) {
      world.mcpServer.adjust(knobs -> knobs.protocolVersions(LEGACY).withoutSessions());
      world.mcpServer.mcpEndpoint().next(Response.of(400).body("text/plain", PAID));
      assertRunsOnce(world);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-32020, -32022})
  void errorOfTheModernEraWithASuccessfulStatusIsNoRefusal(int code) {
    try (var world = used(knobs -> knobs.protocolVersions(MODERN))) {
      world.mcpServer.mcpEndpoint().nextFrom(request -> ran(request, 200, code, "Paid, but no receipt"));
      assertRunsOnce(world);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void missingThingAtAServerWithoutSessionsIsNoEndOfASession(int status) {
    var rejection = withId(status, -32002, "Paid, but the receipt is not found");
    try (var world = used(knobs -> knobs.withoutSessions().refuse("tools/call", rejection))) {
      assertRunsOnce(world);
    }
  }

  // The store fails after the tool has run

  private static boolean isOfAgreement(SdkRequest request) {
    return request instanceof UpdateItemRequest update && update.updateExpression().contains("#wireVersion");
  }

  private static void fail() {
    throw new IllegalStateException("invented fault");
  }

  @Test
  void resultReachesTheCallerAndTheSessionIsEndedThoughTheSessionCannotBeStored() {
    try (var world = GrantWorld.start()) {
      var meanwhile = new Meanwhile();
      world.connect(USER);
      world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
      meanwhile.before(RepeatedToolFlowTest::isOfAgreement, RepeatedToolFlowTest::fail);
      assertThat(saidBy(world.access(world.anotherProcess(), USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(meanwhile.isOver()).isTrue();
      assertThat(world.mcpServer.openSessions()).isEmpty();
    }
  }

  @Test
  void errorOfTheToolReachesTheCallerThoughTheSessionCannotBeForgotten() {
    try (var world = used(knobs -> knobs.refuse("tools/call", withId(500, -32603, "Paid, but no receipt")))) {
      var meanwhile = new Meanwhile();
      world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
      meanwhile.before(RepeatedToolFlowTest::isOfAgreement, RepeatedToolFlowTest::fail);
      assertThat(world.access(world.anotherProcess(), USER, call("pay"))).isInstanceOf(Access.RpcError.class);
      assertThat(meanwhile.isOver()).isTrue();
    }
  }
}
