package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.isConnected;
import static social.avatarai.mcp.world.ServerWorld.record;
import static social.avatarai.mcp.world.ServerWorld.withClient;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome.Parked;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.ConnectionError;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/**
 * After every failed {@code connect}, and every consent that ends without a grant, the record, the list of records and
 * the list of connections say why and what to do. The next success clears it.
 */
class ConnectFailureFlowTest {

  /** A world in which a server is connected. */
  private static final class Scene implements AutoCloseable {
    final FlowWorld world = FlowWorld.start();
    final ServerWorld server = new ServerWorld(world);
    final FakeMcpServer open = FakeMcpServer.open();
    final Meanwhile meanwhile = new Meanwhile();

    void connect() {
      connectWithin(Duration.ofSeconds(25));
    }

    void connectWithin(Duration time) {
      var at = new Invocation(world.base, Deadline.in(time));
      var _ = catchThrowable(() -> world.flow().connect(USER, MCP_ID, AuthorizationStart.fresh(), at));
    }

    void openServerAnswers(Response response) {
      server.put(record(open.url()));
      open.mcpEndpoint().next(response, response);
      connect();
    }

    @Override
    public void close() {
      try (world) {
        open.close();
      }
    }
  }

  private record Case(String name, ErrorCode code, String remedy, Consumer<Scene> failing, Consumer<Scene> mending) {}

  private static Case of(String name, ErrorCode code, String remedy, Consumer<Scene> failing) {
    return new Case(name, code, remedy, failing, _ -> {});
  }

  private static Case ofIssuer(String name, ErrorCode code, String remedy,
      Consumer<AuthorizationServerKnobs> fault) {
    return of(name, code, remedy, scene -> {
      scene.world.authorizationServer.adjust(fault);
      scene.server.put();
      scene.connect();
    });
  }

  private static Response rpcError(Received request) {
    var id = Json.object(request.body().getBytes(UTF_8)).orElseThrow().path("id");
    return Response.of(400).body("application/json",
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32000,\"message\":\"tainted\"}}".formatted(id));
  }

  private static Stream<Case> cases() {
    return Stream.of(
        of("unreachable", ErrorCode.UPSTREAM_UNREACHABLE, "endpoint.url",
            scene -> scene.openServerAnswers(Response.NONE)),
        // No time is left for the server beside the time for the note.
        of("time-out", ErrorCode.UPSTREAM_TIMEOUT, "endpoint.url", scene -> {
          scene.server.put(record(scene.open.url()));
          scene.connectWithin(Duration.ofMillis(500));
        }),
        of("upstream 5xx", ErrorCode.UPSTREAM_UNREACHABLE, "try again later",
            scene -> scene.openServerAnswers(Response.of(503))),
        of("upstream 4xx", ErrorCode.UPSTREAM_REFUSED, "the path and the parameters",
            scene -> {
              scene.server.put(record(scene.open.url()));
              scene.open.mcpEndpoint().next(Response.of(418), Response.of(418), Response.of(405));
              scene.connect();
            }),
        of("no MCP server", ErrorCode.INVALID_UPSTREAM_ANSWER, "endpoint.url",
            scene -> scene.openServerAnswers(Response.html(200, "hello"))),
        of("JSON-RPC error", ErrorCode.UPSTREAM_ERROR, "try again later", scene -> {
          scene.server.put(record(scene.open.url()));
          scene.open.mcpEndpoint().nextFrom(ConnectFailureFlowTest::rpcError)
              .nextFrom(ConnectFailureFlowTest::rpcError);
          scene.connect();
        }),
        of("metadata broken", ErrorCode.INVALID_METADATA, "the operator of the server", scene -> {
          scene.server.put();
          scene.world.mcpServer.metadataEndpoint().next(Response.html(200, "tainted"));
          scene.connect();
        }),
        of("metadata of another resource", ErrorCode.RESOURCE_MISMATCH, "the operator of the server", scene -> {
          scene.server.put();
          scene.world.mcpServer.metadataEndpoint().next(Response.html(200, "")
              .body("application/json", "{\"resource\":\"https://tainted.example/mcp\"}"));
          scene.connect();
        }),
        new Case("issuer not bound", ErrorCode.ISSUER_NOT_BOUND, "ISSUER_BINDINGS", scene -> {
          var record = record(scene.world.mcpServer.url());
          record.putObject("authorization").putObject("config").put("issuer", "https://another.example.com");
          scene.server.put(record);
          scene.connect();
        }, scene -> scene.server.put()),
        new Case("redirect URI required", ErrorCode.REDIRECT_URI_REQUIRED, "/callback", scene -> {
          var record = withClient(record(scene.world.mcpServer.url()), scene.world.authorizationServer.issuer(),
              "invented-client", "https://another.example.com/cb");
          scene.server.put(record);
          scene.connect();
        }, scene -> scene.server.put()),
        new Case("blocked address", ErrorCode.BLOCKED_URL, "The operator of this deployment", scene -> {
          scene.server.put();
          scene.world.platform.with(AddressPolicy.publicInternet());
          scene.world.restart();
          scene.connect();
        }, scene -> {
          scene.world.platform.with(AddressPolicy.withLoopback());
          scene.world.restart();
        }),
        new Case("disabled", ErrorCode.SERVER_DISABLED, "Set enabled to true", scene -> {
          scene.server.put(record(scene.world.mcpServer.url()).put("enabled", false));
          scene.connect();
        }, scene -> assertThat(scene.server.put().path("error").isNull()).as("switched on again").isTrue()),
        new Case("budget", ErrorCode.TOO_MANY_REQUESTS, "BUDGET_REQUESTS_PER_HOUR", scene -> {
          scene.world.with("BUDGET_REQUESTS_PER_HOUR", "4");
          scene.server.put();
          for (int i = 0; i < 5; i++)
            scene.connect();
        }, scene -> scene.world.clock.advance(Duration.ofHours(1))),
        of("consent denied", ErrorCode.AUTHORIZATION_DENIED, "connect again", scene -> {
          scene.server.put();
          String issuer = scene.world.authorizationServer.issuer();
          scene.world.callback(scene.server.begin(), new AuthorizationResponse(null, "access_denied", issuer,
              IssuerContext.of(new Issuer(issuer))));
        }),
        of("token exchange refused", ErrorCode.TOKEN_REQUEST_REFUSED, "check the client", scene -> {
          scene.server.put();
          var begun = scene.server.begin();
          scene.world.authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
          scene.world.callback(begun, scene.world.approve(begun));
        }),
        of("token endpoint unavailable", ErrorCode.UPSTREAM_UNREACHABLE, "begin again", scene -> {
          scene.server.put();
          var begun = scene.server.begin();
          scene.world.authorizationServer.tokenEndpoint().next(Response.of(503));
          scene.world.callback(begun, scene.world.approve(begun));
        }),
        of("parked response that expired", ErrorCode.UNKNOWN_STATE, "connect again", scene -> {
          scene.server.put();
          var begun = scene.server.begin();
          var parked = (Parked) scene.world.elsewhere(begun, scene.world.approve(begun));
          scene.world.clock.advance(Duration.ofSeconds(61));
          var _ = catchThrowable(() -> scene.world.flow().complete(USER, parked.code(), deadline()));
        }),
        of("token rejected by the server", ErrorCode.TOKEN_REJECTED_BY_RESOURCE, "scope", scene -> {
          scene.server.put();
          scene.server.connectWithConsent();
          scene.world.mcpServer.mcpEndpoint().next(Response.of(403));
          scene.connect();
        }),
        of("our own fault", ErrorCode.INTERNAL_ERROR, "tell the operator", scene -> {
          scene.world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(scene.meanwhile));
          scene.server.put();
          scene.meanwhile.before(request -> request instanceof PutItemRequest, () -> {
            throw new IllegalStateException("tainted");
          });
          scene.connect();
        }));
  }

  private static Stream<Case> casesOfIssuers() {
    return Stream.of(
        ofIssuer("registration refused", ErrorCode.REGISTRATION_REFUSED, "authorization.config",
            knobs -> knobs.refuseRegistration(400, "invalid_client_metadata")),
        ofIssuer("client required", ErrorCode.CLIENT_REQUIRED, "authorization.config",
            knobs -> knobs.withoutRegistration()),
        ofIssuer("no metadata of the issuer", ErrorCode.ISSUER_METADATA_NOT_FOUND, "authorization.config",
            knobs -> knobs.wellKnown()),
        of("access token for another resource", ErrorCode.AUDIENCE_MISMATCH, "must correct this", scene -> {
          scene.world.authorizationServer.adjust(knobs -> knobs.jwtAccessTokens("https://another.example.com/mcp"));
          scene.server.put();
          var begun = scene.server.begin();
          scene.world.callback(begun, scene.world.approve(begun));
        }),
        of("401 without metadata", ErrorCode.REGISTRATION_REFUSED, "authorization.config", scene -> {
          scene.world.mcpServer.adjust(knobs -> knobs.withoutResourceMetadata().metadataResponse(Response.of(404)));
          scene.server.put();
          scene.connect();
        }),
        of("only a parent of the URL as resource", ErrorCode.RESOURCE_NOT_EXACT, "EXACT_RESOURCES", scene -> {
          scene.world.with("EXACT_RESOURCES", "on");
          scene.world.mcpServer.adjust(knobs -> knobs.resource(scene.world.mcpServer.origin()));
          scene.server.put();
          scene.connect();
        }),
        ofIssuer("PKCE not advertised", ErrorCode.PKCE_UNSUPPORTED, "PKCE_EXCEPTIONS",
            knobs -> knobs.withoutMetadata("code_challenge_methods_supported")));
  }

  @TestFactory
  Stream<DynamicTest> everyFailureSaysWhyAndWhatToDoUntilTheNextSuccess() {
    return cases().map(one -> DynamicTest.dynamicTest(one.name(), () -> {
      try (var scene = new Scene()) {
        one.failing().accept(scene);
        assertSaid(scene, one);
        one.mending().accept(scene);
        if (!isConnected(connected(scene))) scene.server.connectWithConsent();
        assertNothingSaid(scene);
      }
    }));
  }

  /** The success is not shown here: the issuers of these stay as they are. */
  @TestFactory
  Stream<DynamicTest> everyFailureOfAnIssuerSaysWhyAndWhatToDo() {
    return casesOfIssuers().map(one -> DynamicTest.dynamicTest(one.name(), () -> {
      try (var scene = new Scene()) {
        one.failing().accept(scene);
        assertSaid(scene, one);
      }
    }));
  }

  private static Connecting connected(Scene scene) {
    return scene.world.flow().connect(USER, MCP_ID, AuthorizationStart.fresh(), scene.world.now());
  }

  private static void assertSaid(Scene scene, Case one) {
    var shown = scene.world.flow().server(USER, MCP_ID);
    assertThat(shown.path("cause").asText()).isEqualTo(one.code().wireName());
    var error = shown.path("error");
    assertThat(error.path("code").asText()).isEqualTo(one.code().wireName());
    assertThat(error.path("at").asText()).isNotBlank();
    assertThat(error.path("hint").asText()).contains(one.remedy()).doesNotContain("tainted").endsWith(".");
    assertThat(error.path("hint").asText().length()).as("is not cut").isLessThan(600);
    assertShownEverywhere(scene, shown);
  }

  private static void assertNothingSaid(Scene scene) {
    var shown = scene.world.flow().server(USER, MCP_ID);
    assertThat(shown.path("status").asText()).isEqualTo("connected");
    assertThat(shown.path("cause").isNull()).isTrue();
    assertThat(shown.path("error").isNull()).isTrue();
    assertShownEverywhere(scene, shown);
  }

  private static void assertShownEverywhere(Scene scene, JsonNode shown) {
    assertThat(scene.world.servers(USER)).singleElement().isEqualTo(shown);
    var views = List.of(scene.world.flow().connection(USER, MCP_ID),
        scene.world.flow().connections(USER, null, 50).connections().getFirst());
    assertThat(views).allSatisfy(view -> {
      assertThat(view.status().wireName()).isEqualTo(shown.path("status").asText());
      assertThat(view.cause()).isEqualTo(text(shown.path("cause")));
      assertThat(ConnectionError.jsonOf(view.error())).isEqualTo(shown.path("error"));
    });
  }

  private static @Nullable String text(JsonNode value) {
    return value.isNull() ? null : requireNonNull(value.textValue());
  }
}
