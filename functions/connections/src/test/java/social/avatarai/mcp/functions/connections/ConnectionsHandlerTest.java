package social.avatarai.mcp.functions.connections;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.event.Seeds;

class ConnectionsHandlerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FIELDS = List.of("id", "alias", "status", "cause", "issuer", "resource", "scope",
      "expires_at", "last_used_at", "warnings", "account", "account_change", "error");
  private static final String MCP_URL = "http://localhost:9402/mcp";

  private final TestPlatform platform = new TestPlatform(Clock.systemUTC());
  private final Seeds seeds = platform.seeds(MCP_URL, "http://localhost:9401");

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("connections", ConnectionsHandler::new);
  }

  private JsonNode response(String query, @Nullable String id) {
    var event = JSON.createObjectNode().put("rawQueryString", query);
    ObjectNode context = event.putObject("requestContext");
    context.putObject("http").put("method", "GET");
    context.putObject("authorizer").putObject("jwt").putObject("claims").put("sub", Seeds.USER.value()).put("scope",
        "mcp:use");
    if (id != null) event.putObject("pathParameters").put("id", id);
    return Replay.invoke(new ConnectionsHandler(platform.wiring()), event.toString());
  }

  private static JsonNode body(JsonNode response) {
    try {
      return JSON.readTree(response.path("body").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode list(String query) {
    var response = response(query, null);
    assertThat(response.path("statusCode").asInt()).isEqualTo(200);
    return body(response);
  }

  @Test
  void eachConnectionHasEveryFieldAndNoOther() {
    seeds.write("connected-twice");
    var connections = list("").path("connections");
    assertThat(connections).hasSize(2).allSatisfy(one -> assertThat(one.propertyStream().map(Map.Entry::getKey))
        .containsExactlyElementsOf(FIELDS));
    assertThat(connections.get(0).path("id").asText()).isEqualTo("demo-server");
    assertThat(connections.get(0).path("expires_at").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    assertThat(connections.get(1).path("id").asText()).startsWith("r:");
    assertThat(list("").path("next_cursor").isNull()).isTrue();
  }

  @Test
  void noTokenAndNothingSealedIsInAResponse() {
    seeds.write("connected-twice");
    var response = response("", null).toString();
    assertThat(response).doesNotContain("demo-access", "demo-refresh", "_token", "client_secret", "session");
  }

  @Test
  void cursorLeadsThroughTheListAPageAtATime() {
    seeds.write("connected-twice");
    var ids = new ArrayList<String>();
    String query = "limit=1";
    for (int page = 0; page < 2; page++) {
      var body = list(query);
      assertThat(body.path("connections")).hasSize(1);
      ids.add(body.at("/connections/0/id").asText());
      assertThat(body.path("next_cursor").isNull()).isEqualTo(page == 1);
      query = "limit=1&cursor=" + body.path("next_cursor").asText();
    }
    assertThat(ids).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void idIsTakenPercentEncodedAndAsItIs() {
    seeds.write("grant");
    String id = list("").at("/connections/0/id").asText();
    for (String path : List.of(id, id.replace(":", "%3A"), id.replace(":", "%3a"))) {
      assertThat(body(response("", path)).path("id").asText()).as(path).isEqualTo(id);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=0", "limit=-1", "limit=" + (Request.MAX_LIST_LIMIT + 1), "limit=1.5", "limit=",
      "limit=1&limit=2", "limit=x",
      "limit=99999999999999999999", "cursor=", "cursor=x", "cursor=%00", "cursor=cjp4"})
  void otherLimitsAndCursorsAreRefused(String query) {
    var response = response(query, null);
    assertThat(response.path("statusCode").asInt()).isEqualTo(400);
    assertThat(body(response).path("error").asText()).isEqualTo("invalid_request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"r:example", "a/b", "%", "%2", "%zz", "a%00b", "%25", "lease#demo-server", "..%2Fservers"})
  void whatIsNoIdIsRefused(String id) {
    var response = response("", id);
    assertThat(response.path("statusCode").asInt()).isEqualTo(400);
    assertThat(body(response).path("error").asText()).isEqualTo("invalid_request");
  }
}
