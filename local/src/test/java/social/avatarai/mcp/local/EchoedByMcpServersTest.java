package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.local.ApiUser.ApiResponse;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;

/** What MCP servers send back of the token that they get. */
@ParameterizedClass
@ValueSource(strings = {"full", "reference"})
class EchoedByMcpServersTest extends EchoedSecrets {
  /** The places where an MCP server can write text into its response to a request with a token. */
  enum Place {
    RESULT, EVENT_STREAM, ERROR, ERROR_WITH_STATUS, NO_JSON_RPC, PAGE, MEDIA_TYPE, CHALLENGE_401, CHALLENGE_403, REDIRECT, BUSY;

    Response response(Received request) {
      String token = credential(request);
      return switch (this) {
        case RESULT -> Response.json(200, result(request, toolResult(request)));
        case EVENT_STREAM -> Response.of(200).body("text/event-stream",
            "data: " + result(request, toolResult(request)) + "\n\n");
        case ERROR -> Response.json(200, error(request));
        case ERROR_WITH_STATUS -> Response.json(400, error(request));
        case NO_JSON_RPC -> Response.json(200, Json.newObject().put(token, everything(request)));
        case PAGE -> Response.html(500, everything(request));
        case MEDIA_TYPE -> Response.of(200).body("text/" + token, everything(request));
        case CHALLENGE_401 -> Response.json(401, error(request)).with("WWW-Authenticate", challenge(request));
        case CHALLENGE_403 -> Response.json(403, error(request)).with("WWW-Authenticate",
            "Bearer error=\"insufficient_scope\", scope=\"write " + token + "\"");
        case REDIRECT -> Response.redirect(307, "/elsewhere?token=" + token);
        case BUSY -> Response.json(429, error(request)).with("Retry-After", token);
      };
    }
  }

  // The tests. What they all have in common is checked after each.

  @ParameterizedTest
  @EnumSource
  void tokenThatAServerSendsBackToAToolCallIsNeitherLoggedNorAnswered(Place place) {
    connect();
    callTool();
    mcpServer.mcpEndpoint().nextFrom(place::response);
    var response = callTool();
    assertThat(response.body().has("data") || response.body().has("error")).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void tokenThatAServerSendsBackToAnMcpClientIsNeitherLoggedNorAnswered(Place place) {
    connect();
    callTool();
    mcpServer.mcpEndpoint().nextFrom(place::response);
    var response = user.callToolAsClient();
    assertThat(response.body().has("result") || response.body().has("error")).isTrue();
  }

  @Test
  void whatIsNotTheTokenIsPassedOnAsItIs() {
    connect();
    callTool();
    mcpServer.mcpEndpoint().nextFrom(Place.RESULT::response);
    var data = callTool().body().path("data");
    assertThat(data.path("[token]").asText()).isEqualTo("a member's name");
    assertThat(data.path("count").isInt()).isTrue();
    assertThat(data.path("content").path(0).path("text").asText()).startsWith("before ").endsWith(" after")
        .contains("[Bearer [token]]");
    assertThat(data.path("structuredContent").path("header").asText()).isEqualTo("Bearer [token]");
    assertThat(data.path("structuredContent").path("other").asText()).isEqualTo("is passed on");
  }

  @Test
  void serverThatWritesTheTokenIntoItsVersionOrItsDescriptionTellsNobody() {
    connect();
    mcpServer.mcpEndpoint().next(Response.of(404)).nextFrom( // server/discover of the modern era, then initialize
        request -> Response.json(200, result(request, Json.newObject().put("protocolVersion", credential(request)))));
    assertThat(describe().text("error")).isEqualTo("invalid_upstream_answer");
    assertThat(log()).contains("\"detail\":\"[token]\"");

    for (int i = 0; i < 2; i++)
      mcpServer.mcpEndpoint().nextFrom(request -> Response.json(200, result(request, description(request))));
    assertThat(describe().succeeded().body().path("data").path("serverInfo").path("name").asText())
        .isEqualTo("[token]");
  }

  private ApiResponse describe() {
    return user.get(ApiUser.ACCESS, Map.of("resource_url", mcpServer.url()));
  }

  @Test
  void tokenThatTheCallerBroughtIsTakenOutAsWell() {
    connect();
    callTool();
    assumeThat(handsTokensOver()).as("reference: no token is taken from callers").isTrue();
    mcpServer.mcpEndpoint().nextFrom(request -> Response.json(200, result(request, description(request))))
        .next(Response.of(202)).nextFrom(Place.RESULT::response);
    String token = "brought-" + Unguessable.text();
    var response = user.post(ApiUser.ACCESS,
        Json.newObject().put("resource_url", mcpServer.url()).put("method", "tools/list")
            .put("access_token", token));
    assertThat(mcpServer.requests().getLast().header("authorization")).hasValue("Bearer " + token);
    assertThat(response.body().path("data").path("structuredContent").path("header").asText())
        .isEqualTo("Bearer [token]");
  }

  @Test
  void challengeCannotMakeUsAskForTheTokenAtAnotherUrlOrAsAScope() {
    connect();
    for (int status : List.of(401, 403)) {
      mcpServer.mcpEndpoint().nextFrom(request -> Response.of(status).with("WWW-Authenticate",
          "Bearer error=\"insufficient_scope\", scope=\"write " + credential(request) + "\", resource_metadata=\""
              + mcpServer.origin() + "/.well-known/oauth-protected-resource/mcp?token=" + credential(request) + "\""));
      callTool();
    }
  }

  /** Metadata is cached, and other users see it. */
  @Test
  void tokenThatAServerWritesIntoItsMetadataIsNotAskedForAsAScope() {
    connect();
    mcpServer.mcpEndpoint().nextFrom(request -> {
      mcpServer.adjust(knobs -> knobs.metadata("scopes_supported", List.of("read", credential(request))));
      return Response.of(401);
    });
    authorizationServer.tokenEndpoint().next(Response.error(400, "invalid_grant"));
    var body = Json.newObject().put("resource_url", mcpServer.url()).put("method", "tools/list").put("start", true);
    var response = user.post(ApiUser.ACCESS, body);
    assertThat(response.body().path("error").asText()).isEqualTo("authorization_required");
    assertThat(response.body().path("scope").asText()).isEqualTo("read");
  }
}
