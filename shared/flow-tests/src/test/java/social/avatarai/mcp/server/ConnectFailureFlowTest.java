package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.CallbackOutcome.Parked;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.server.FailedConnect.Scene;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/**
 * After every failed {@code connect}, and every consent that ends without a grant, the record, the list of records and
 * the list of connections say why and what to do. The next success clears it.
 */
class ConnectFailureFlowTest {

  private static FailedConnect failing(String name, ErrorCode code, String remedy, Consumer<Scene> failing) {
    return FailedConnect.failing(name, code, remedy, failing);
  }

  private static Response rpcError(Received request) {
    var id = Json.object(request.body().getBytes(UTF_8)).orElseThrow().path("id");
    return Response.of(400).body("application/json",
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32000,\"message\":\"tainted\"}}".formatted(id));
  }

  static Stream<FailedConnect> cases() {
    return Stream.of(
        failing("unreachable", ErrorCode.UPSTREAM_UNREACHABLE, "endpoint.url",
            scene -> scene.openServerAnswers(Response.NONE)),
        // No time is left for the server beside the time for the note.
        failing("time-out", ErrorCode.UPSTREAM_TIMEOUT, "endpoint.url", scene -> {
          scene.server.put(record(scene.open.url()));
          scene.connectWithin(Duration.ofMillis(500));
        }),
        failing("upstream 5xx", ErrorCode.UPSTREAM_UNREACHABLE, "try again later",
            scene -> scene.openServerAnswers(Response.of(503))),
        failing("upstream 4xx", ErrorCode.UPSTREAM_REFUSED, "the path and the parameters",
            scene -> {
              scene.server.put(record(scene.open.url()));
              scene.open.mcpEndpoint().next(Response.of(418), Response.of(418), Response.of(405));
              scene.connect();
            }),
        failing("no MCP server", ErrorCode.INVALID_UPSTREAM_ANSWER, "endpoint.url",
            scene -> scene.openServerAnswers(Response.html(200, "hello"))),
        failing("JSON-RPC error", ErrorCode.UPSTREAM_ERROR, "try again later", scene -> {
          scene.server.put(record(scene.open.url()));
          scene.open.mcpEndpoint().nextFrom(ConnectFailureFlowTest::rpcError)
              .nextFrom(ConnectFailureFlowTest::rpcError);
          scene.connect();
        }),
        failing("metadata broken", ErrorCode.INVALID_METADATA, "the operator of the server", scene -> {
          scene.server.put();
          scene.world.mcpServer.metadataEndpoint().next(Response.html(200, "tainted"));
          scene.connect();
        }),
        failing("metadata of another resource", ErrorCode.RESOURCE_MISMATCH, "the operator of the server", scene -> {
          scene.server.put();
          scene.world.mcpServer.metadataEndpoint().next(Response.html(200, "")
              .body("application/json", "{\"resource\":\"https://tainted.example/mcp\"}"));
          scene.connect();
        }),
        FailedConnect.mended("issuer not bound", ErrorCode.ISSUER_NOT_BOUND, "ISSUER_BINDINGS", scene -> {
          var record = record(scene.world.mcpServer.url());
          record.putObject("authorization").putObject("config").put("issuer", "https://another.example.com");
          scene.server.put(record);
          scene.connect();
        }, scene -> scene.server.put()),
        FailedConnect.mended("redirect URI required", ErrorCode.REDIRECT_URI_REQUIRED, "/callback", scene -> {
          var record = withClient(record(scene.world.mcpServer.url()), scene.world.authorizationServer.issuer(),
              "invented-client", "https://another.example.com/cb");
          scene.server.put(record);
          scene.connect();
        }, scene -> scene.server.put()),
        FailedConnect.mended("blocked address", ErrorCode.BLOCKED_URL, "The operator of this deployment", scene -> {
          scene.server.put();
          scene.world.platform.with(AddressPolicy.publicInternet());
          scene.world.restart();
          scene.connect();
        }, scene -> {
          scene.world.platform.with(AddressPolicy.withLoopback());
          scene.world.restart();
        }).leaving("unreachable_here"),
        FailedConnect.mended("disabled", ErrorCode.SERVER_DISABLED, "Set enabled to true", scene -> {
          scene.server.put(record(scene.world.mcpServer.url()).put("enabled", false));
          scene.connect();
        }, scene -> assertThat(scene.server.put().path("error").isNull()).as("switched on again").isTrue()),
        FailedConnect.mended("budget", ErrorCode.TOO_MANY_REQUESTS, "BUDGET_REQUESTS_PER_HOUR", scene -> {
          scene.world.with("BUDGET_REQUESTS_PER_HOUR", "4");
          scene.server.put();
          for (int i = 0; i < 5; i++)
            scene.connect();
        }, scene -> scene.world.clock.advance(Duration.ofHours(1))).leaving("authorization_required"),
        failing("consent denied", ErrorCode.AUTHORIZATION_DENIED, "connect again", scene -> {
          scene.server.put();
          scene.answer(given -> new AuthorizationResponse(null, "access_denied", given.iss(), given.context()));
        }).ofConsent(),
        failing("token exchange refused", ErrorCode.TOKEN_REQUEST_REFUSED, "check the client", scene -> {
          scene.server.put();
          var begun = scene.server.begin();
          scene.world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
          scene.world.callback(begun, scene.world.approve(begun));
        }).ofConsent(),
        failing("token endpoint unavailable", ErrorCode.UPSTREAM_UNREACHABLE, "begin again", scene -> {
          scene.server.put();
          var begun = scene.server.begin();
          scene.world.authorizationServer.tokenEndpoint().next(Response.of(503));
          scene.world.callback(begun, scene.world.approve(begun));
        }).ofConsent(),
        failing("parked response that expired", ErrorCode.UNKNOWN_STATE, "connect again", scene -> {
          scene.server.put();
          var begun = scene.server.begin();
          var parked = (Parked) scene.world.elsewhere(begun, scene.world.approve(begun));
          scene.world.clock.advance(Duration.ofSeconds(61));
          var _ = catchThrowable(() -> scene.world.flow().complete(USER, parked.code(), deadline()));
        }).ofConsent(),
        failing("token rejected by the server", ErrorCode.TOKEN_REJECTED_BY_RESOURCE, "scope", scene -> {
          scene.server.put();
          scene.server.connectWithConsent();
          scene.world.mcpServer.mcpEndpoint().next(Response.of(403));
          scene.connect();
        }).leaving("resource_rejects"),
        failing("stream cut", ErrorCode.OUTCOME_UNKNOWN, "try again later",
            scene -> scene.openServerAnswers(Response.of(200).body("text/event-stream", ": cut\n\n"))),
        failing("entered token refused", ErrorCode.CREDENTIALS_REFUSED, "enter others", scene -> {
          var record = record(scene.open.url());
          record.putObject("authorization").put("method", "bearer").putObject("config").put("token", "invented-token");
          scene.server.put(record);
          scene.open.mcpEndpoint().next(Response.of(401));
          scene.connect();
        }).leaving("resource_rejects"),
        FailedConnect
            .mended("client of an unknown issuer", ErrorCode.ISSUER_REQUIRED, "authorization.config", scene -> {
              var record = record(scene.world.mcpServer.url());
              record.putObject("authorization").putObject("config").put("client_id", "invented-client");
              scene.server.put(record);
              scene.connect();
            }, scene -> scene.server.put()).leaving("issuer_required"),
        failing("our own fault", ErrorCode.INTERNAL_ERROR, "tell the operator", scene -> {
          scene.world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(scene.meanwhile));
          scene.server.put();
          scene.meanwhile.before(request -> request instanceof PutItemRequest, () -> {
            throw new IllegalStateException("tainted");
          });
          scene.connect();
        }));
  }

  @TestFactory
  Stream<DynamicTest> everyFailureSaysWhyAndWhatToDoUntilTheNextSuccess() {
    return cases().map(one -> DynamicTest.dynamicTest(one.name(), () -> {
      try (var scene = new Scene()) {
        one.assertSaidIn(scene);
        one.assertNothingSaidAfterASuccess(scene);
      }
    }));
  }

  /** Only such a connect ends with {@code resource_metadata_not_found}. */
  @Test
  void causeOfAGrantThatEndedStaysWhereItsServerPublishesNoMetadataAnyMore() {
    try (var scene = new Scene()) {
      scene.server.put();
      scene.server.connectWithConsent();
      scene.world.authorizationServer.liveRefreshTokens().forEach(scene.world.authorizationServer::revoke);
      scene.world.clock.advance(Duration.ofMinutes(61));
      scene.world.mcpServer.adjust(knobs -> knobs.withoutResourceMetadata().metadataResponse(Response.of(404))
          .withoutChallenge().withoutTokenFor("initialize", "notifications/initialized", "server/discover"));
      scene.world.restart();
      assertFails(ErrorCode.RESOURCE_METADATA_NOT_FOUND, () -> scene.server.connect(USER));
      var shown = scene.world.flow().server(USER, MCP_ID);
      assertThat(shown.path("status").asText()).isEqualTo("reauthorization_required");
      assertThat(shown.path("cause").asText()).isEqualTo("refresh_refused");
      assertThat(shown.at("/error/hint").asText()).contains("connect again");
    }
  }
}
