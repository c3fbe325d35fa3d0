package social.avatarai.mcp.functions.servers;

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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.event.Seeds;

class ServersHandlerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServersHandler handler = new ServersHandler(new TestPlatform(Clock.systemUTC()).wiring());

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    return Replay.of("servers", ServersHandler::new);
  }

  private JsonNode send(ObjectNode event, String method) {
    ObjectNode context = event.putObject("requestContext").put("domainName", "api.example.com");
    context.putObject("http").put("method", method);
    context.putObject("authorizer").putObject("jwt").putObject("claims").put("sub", Seeds.USER.value()).put("scope",
        "mcp:use");
    return Replay.invoke(handler, event.toString());
  }

  private JsonNode send(String method, String mcpId, Map<String, String> headers, String body) {
    var event = JSON.createObjectNode().put("body", body);
    event.putObject("pathParameters").put("mcpId", mcpId);
    var sent = event.putObject("headers");
    headers.forEach(sent::put);
    return send(event, method);
  }

  private JsonNode put(String mcpId, Map<String, String> headers, String name) {
    return send("PUT", mcpId, headers,
        "{\"name\":\"%s\",\"endpoint\":{\"url\":\"https://mcp.example.com/mcp\"}}".formatted(name));
  }

  private static int status(JsonNode response) {
    return response.path("statusCode").asInt();
  }

  private static String tag(JsonNode response) {
    return response.at("/headers/ETag").asText();
  }

  private static JsonNode body(JsonNode response) {
    try {
      return JSON.readTree(response.path("body").asText());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void writerWhoSendsTheTagBackReplacesWhatItHasReadAndNothingElse() {
    var put = put("one", Map.of("If-None-Match", "*"), "first");
    assertThat(status(put)).isEqualTo(200);
    var read = send("GET", "one", Map.of(), "");
    assertThat(tag(read)).isEqualTo(tag(put)).matches("\"[A-Za-z0-9_-]{20,}\"");
    var second = put("one", Map.of("If-Match", tag(read)), "second");
    assertThat(status(second)).isEqualTo(200);
    assertThat(tag(second)).isNotEqualTo(tag(read));
    var late = put("one", Map.of("If-Match", tag(read)), "third");
    assertThat(status(late)).isEqualTo(412);
    assertThat(body(late).path("error").asText()).isEqualTo("changed_meanwhile");
    assertThat(tag(late)).as("no tag of a record that the caller has not read").isEmpty();
    assertThat(status(send("DELETE", "one", Map.of("If-Match", tag(read)), ""))).isEqualTo(412);
    assertThat(body(send("GET", "one", Map.of(), "")).path("name").asText()).isEqualTo("second");
    assertThat(status(send("DELETE", "one", Map.of("If-Match", tag(second)), ""))).isEqualTo(200);
  }

  private JsonNode list(String query) {
    return body(send(JSON.createObjectNode().put("rawQueryString", query), "GET"));
  }

  @Test
  void listIsReadPageByPageInTheOrderOfTheIds() {
    var ids = Stream.of("c", "a", "b", "d", "e").peek(id -> put(id, Map.of(), id)).sorted().toList();
    var read = new ArrayList<String>();
    var sizes = new ArrayList<Integer>();
    String query = "limit=2";
    while (!query.isEmpty()) {
      var page = list(query);
      page.path("servers").forEach(server -> read.add(server.path("mcpId").asText()));
      sizes.add(page.path("servers").size());
      query = page.path("next_cursor").isNull() ? "" : "limit=2&cursor=" + page.path("next_cursor").asText();
    }
    assertThat(read).isEqualTo(ids);
    assertThat(sizes).isEqualTo(List.of(2, 2, 1));
    assertThat(list("").path("servers")).hasSize(5);
    assertThat(list("limit=5").path("next_cursor").isNull()).isTrue();
  }

  @Test
  void clientThatNamesNoLimitGetsTheFirstFifty() {
    for (int i = 0; i < 51; i++)
      put("server-" + i, Map.of(), "one of many");
    var page = list("");
    assertThat(page.path("servers")).hasSize(50);
    assertThat(list("cursor=" + page.path("next_cursor").asText()).path("servers")).hasSize(1);
  }

  @Test
  void pageOfLargeRecordsFitsIntoOneResponse() {
    String large = "x".repeat(60_000);
    for (int i = 0; i < 75; i++)
      put("server-" + i, Map.of(), large);
    var page = list("limit=200");
    assertThat(page.path("servers")).hasSizeBetween(60, 74);
    var rest = list("limit=200&cursor=" + page.path("next_cursor").asText());
    assertThat(page.path("servers").size() + rest.path("servers").size()).isEqualTo(75);
    assertThat(rest.path("next_cursor").isNull()).isTrue();
  }
}
