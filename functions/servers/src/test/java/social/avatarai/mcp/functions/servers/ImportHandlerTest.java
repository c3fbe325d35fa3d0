package social.avatarai.mcp.functions.servers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;

class ImportHandlerTest {
  private static final int MEGABYTE = 1024 * 1024;

  private static ObjectNode record(String mcpId) {
    var record = Json.newObject().put("mcpId", mcpId);
    record.putObject("endpoint").put("url", "https://mcp.example.com/" + mcpId);
    return record;
  }

  private static ObjectNode document(Stream<ObjectNode> records) {
    var document = Json.newObject();
    records.forEach(document.putArray("servers")::add);
    return document;
  }

  private static ObjectNode event(String method, String path, String query, String scope, String body) {
    var event = Json.newObject().put("rawQueryString", query).put("body", body);
    var http = event.putObject("requestContext").put("domainName", "api.example.com");
    http.putObject("http").put("method", method);
    http.putObject("authorizer").putObject("jwt").putObject("claims").put("sub", "user-one").put("scope", scope);
    if (!path.isEmpty()) event.putObject("pathParameters").put("mcpId", path);
    return event;
  }

  private static JsonNode call(TestPlatform platform, String method, String path, String query, String scope,
      String body) {
    return Replay.invoke(new ServersHandler(platform.wiring()), event(method, path, query, scope, body).toString());
  }

  private static JsonNode imported(TestPlatform platform, String query, String scope, ObjectNode document) {
    return call(platform, "POST", "", query, scope, document.toString());
  }

  private static JsonNode body(JsonNode response) {
    return Json.object(response.path("body").asText().getBytes(UTF_8)).orElseThrow();
  }

  @Test
  void importSaysForEachRecordWhatWasDone() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var issuerless = record("two");
      issuerless.putObject("authorization").putObject("credentials").put("access_token", "invented-token");
      var response = imported(platform, "", "mcp:use",
          document(Stream.of(record("one"), issuerless, record("x").put("userId", "user-two"))));
      assertThat(response.path("statusCode").asInt()).isEqualTo(200);
      var body = body(response);
      assertThat(body.path("imported").asInt()).isEqualTo(2);
      assertThat(body.path("failed").asInt()).isEqualTo(1);
      assertThat(body.at("/servers/0").toString()).isEqualTo(
          "{\"index\":0,\"mcpId\":\"one\",\"status\":\"created\",\"connection\":\"disconnected\",\"cause\":null}");
      assertThat(body.at("/servers/1").toString())
          .isEqualTo("{\"index\":1,\"mcpId\":\"two\",\"status\":\"created\",\"connection\":\"issuer_required\","
              + "\"cause\":\"issuer_required\",\"credentials\":\"kept\"}");
      assertThat(body.at("/servers/2/error/error").asText()).isEqualTo("forbidden");
      assertThat(body.at("/servers/2/userId").asText()).isEqualTo("user-two");
    }
  }

  private static String description(JsonNode response) {
    assertThat(response.path("statusCode").asInt()).isEqualTo(400);
    return body(response).path("error_description").asText();
  }

  @Test
  void builtInRecordIsTakenOnTheWordOfTheQueryAndNotOfTheDocument() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var document = document(Stream.of(record("one").put("isBuiltin", true))).put("builtIn", true);
      var handedOn = body(imported(platform, "", "mcp:use mcp:operator", document));
      assertThat(handedOn.at("/servers/0/status").asText()).isEqualTo("skipped");
      assertThat(handedOn.at("/servers/0/reason").asText()).contains("builtIn=true");
      var own = body(imported(platform, "builtIn=true", "mcp:use mcp:operator", document));
      assertThat(own.at("/servers/0/status").asText()).isEqualTo("created");
      assertThat(description(imported(platform, "builtIn=yes", "mcp:use mcp:operator", document)))
          .isEqualTo("Parameter builtIn must be true or false.");
    }
  }

  @Test
  void recordThatMakesTheWholeDocumentUnreadableIsNamed() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      assertThat(description(call(platform, "POST", "", "", "mcp:use", "{\"servers\":[{},{\"name\":1,\"name\":2}]}")))
          .isEqualTo(
              "The body has two members with one name in one object, in the record servers[1] (line 1, column 32).");
    }
  }

  @Test
  void recordThatIsTooDeepFailsAlone() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var deep = record("two");
      var innermost = deep;
      for (int levels = 0; levels < 400; levels++)
        innermost = innermost.putObject("deep");
      var body = body(imported(platform, "", "mcp:use", document(Stream.of(record("one"), deep))));
      assertThat(body.at("/servers/0/status").asText()).isEqualTo("created");
      assertThat(body.at("/servers/1/error/error_description").asText())
          .isEqualTo("The record's deep is nested deeper than 290 levels of the record.");
    }
  }

  @Test
  void idsInARecordAreNamedAsItsMembers() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var body = body(imported(platform, "", "mcp:use mcp:operator",
          document(Stream.of(record("a b"), record("one").put("userId", "a b")))));
      assertThat(body.at("/servers/0/error/error_description").asText())
          .startsWith("The record's mcpId is not an mcpId");
      assertThat(body.at("/servers/1/error/error_description").asText())
          .isEqualTo("The record's userId is not a user id.");
    }
  }

  /** The content type that {@code curl -d} sends without a header of its own. */
  @Test
  void recordsThatAreSentAsAFormAreRefusedWithTheContentTypeThatIsNeeded() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      for (String method : new String[]{"POST", "PUT"}) {
        var event = event(method, method.equals("PUT") ? "one" : "", "", "mcp:use", record("one").toString());
        event.putObject("headers").put("content-type", "application/x-www-form-urlencoded");
        assertThat(description(Replay.invoke(new ServersHandler(platform.wiring()), event.toString())))
            .endsWith("send JSON with Content-Type: application/json.");
      }
    }
  }

  @Test
  void recordThatIsNotThereIsCalledAServerRecord() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      for (String method : new String[]{"GET", "DELETE"}) {
        var response = call(platform, method, "one", "", "mcp:use", "");
        assertThat(response.path("statusCode").asInt()).isEqualTo(404);
        assertThat(body(response).path("error_description").asText())
            .isEqualTo("There is no server record with this mcpId.");
      }
    }
  }

  @Test
  void importTakesFourMegabytesAndNoByteMore() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var document = document(IntStream.range(0, 64).mapToObj(i -> record("s-" + i).put("about", "x".repeat(60_000))));
      document.put("padding", "");
      int left = 4 * MEGABYTE - document.toString().length();
      document.put("padding", "x".repeat(left));
      assertThat(body(imported(platform, "", "mcp:use", document)).path("imported").asInt()).isEqualTo(64);
      document.put("padding", "x".repeat(left + 1));
      assertThat(imported(platform, "", "mcp:use", document).path("statusCode").asInt()).isEqualTo(413);
    }
  }

  @Test
  void oneRecordAloneStaysSmall() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var record = record("one").put("about", "x".repeat(64 * 1024));
      assertThat(call(platform, "PUT", "one", "", "mcp:use", record.toString()).path("statusCode").asInt())
          .isEqualTo(413);
    }
  }

  @Test
  void atomicIsTakenFromTheQueryAndFromTheBody() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      var document = document(Stream.of(record("one"), record("two").put("enabled", 5)));
      assertThat(body(imported(platform, "atomic=true", "mcp:use", document)).path("skipped").asInt()).isEqualTo(1);
      assertThat(body(imported(platform, "", "mcp:use", document.put("atomic", true))).path("skipped").asInt())
          .isEqualTo(1);
      assertThat(body(imported(platform, "", "mcp:use", document.put("atomic", false))).path("imported").asInt())
          .isEqualTo(1);
    }
  }

  @Test
  void responseOfTheLargestImportFitsIntoAResponse() {
    try (var platform = new TestPlatform(Clock.systemUTC())) {
      // The longest words for each record, without the time that a thousand writes take.
      var wrong = IntStream.range(0, 1_000).mapToObj(i -> record("s" + "x".repeat(60) + i % 1000)
          .put("userId", "u".repeat(256)).put("private_key_" + "y".repeat(200), "invented"));
      var response = imported(platform, "", "mcp:use mcp:operator", document(wrong));
      assertThat(response.path("statusCode").asInt()).isEqualTo(200);
      assertThat(response.path("body").asText()).hasSizeLessThan(2 * MEGABYTE);
    }
  }
}
