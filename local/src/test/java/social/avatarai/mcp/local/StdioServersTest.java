package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.local.ApiUser.ApiResponse;

/** MCP servers that are programs of the operator, each a real process, through the whole service over HTTP. */
class StdioServersTest {
  private static final String KEY = "invented-key-of-the-operator";
  private static final String SECRET = "invented-secret-of-the-webhook";
  private static final String[] MODES = {"legacy", "modern", "exits", "greets", "babbles", "complains",
      "stubborn", "dies-of-news", "gone"};
  private static LocalService service;
  private static Path folder;

  @BeforeAll
  static void start(@TempDir Path where) throws IOException, URISyntaxException {
    folder = where.toRealPath();
    var java = ProcessHandle.current().info().command().orElseThrow();
    var classes = Path.of(StdioChild.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    var document = Json.newObject();
    var servers = document.putObject("servers");
    for (String mode : MODES) {
      var server = servers.putObject(mode).put("folder", folder.toString()).put("memory_mb", 512).put("log_stderr",
          true);
      server.putArray("environment").add("EXAMPLE_API_KEY").add("PATH");
      server.putArray("command").add(java).add("-Xmx1g").add("-XX:+UseSerialGC").add("-XX:TieredStopAtLevel=1")
          .add("-cp").add(classes.toString()).add(StdioChild.class.getName()).add(mode);
    }
    // A program that is there, whose interpreter is not.
    var gone = Files.writeString(folder.resolve("gone"), "#!/no/such/interpreter\n");
    assertThat(gone.toFile().setExecutable(true)).isTrue();
    servers.withObject("gone").putArray("command").add(gone.toString());
    var file = Files.writeString(folder.resolve("servers.json"), document.toString());
    service = LocalService.start(new HashMap<>(Map.of("STDIO_SERVERS", file.toString(), "EXAMPLE_API_KEY", KEY, "PATH",
        "/usr/bin:/bin", "UNNAMED_VARIABLE", "unnamed-and-common", "WEBHOOK_SECRET", SECRET)));
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  private static ObjectNode record(String command) {
    var record = Json.newObject();
    record.putObject("endpoint").put("type", "stdio").put("command", command);
    return record;
  }

  private static ApiUser userOf(String command) {
    var user = service.user();
    user.put("/api/mcp/servers/tools", record(command)).succeeded();
    return user;
  }

  private static ApiResponse connect(ApiUser user) {
    return user.post("/api/mcp/servers/tools/connect", Json.newObject());
  }

  private static ApiResponse call(ApiUser user, String tool) {
    return call(user, tool, Json.newObject());
  }

  private static ApiResponse call(ApiUser user, String tool, ObjectNode more) {
    var body = Json.newObject().put("server_id", "tools").put("method", "tools/call");
    body.putObject("params").put("name", tool).putObject("arguments");
    return user.post(ApiUser.ACCESS, body.setAll(more));
  }

  private static String said(ApiResponse response) {
    return response.succeeded().body().at("/data/content/0/text").asText();
  }

  private static JsonNode connection(ApiUser user) {
    return user.get("/api/mcp/connections/tools", Map.of()).body();
  }

  private static void assertFailed(ApiResponse response, int status, String code, String words) {
    assertThat(response.status()).as(response.body().toString()).isEqualTo(status);
    assertThat(response.text("error")).isEqualTo(code);
    assertThat(response.text("error_description")).contains(words);
    assertThat(response.body().has("upstream_status")).isFalse();
    assertNothingLeaks(response.body().toString());
  }

  private static void assertNothingLeaks(String text) {
    assertThat(text).doesNotContain(KEY, "-Xmx1g", StdioChild.class.getName(), folder.toString(), "stdio.invalid");
  }

  private static void assertAllHaveEnded() {
    assertThat(service.programs().running()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"legacy,legacy", "modern,modern", "dies-of-news,legacy", "greets,legacy", "stubborn,legacy"})
  void programOfEachEraIsConnectedAndAsked(String command, String era) {
    try (var user = userOf(command)) {
      assertThat(connect(user).succeeded().text("status")).isEqualTo("connected");
      assertThat(said(call(user, "era"))).isEqualTo(era);
      assertThat(connection(user).path("status").asText()).isEqualTo("connected");
      assertAllHaveEnded();
      assertNothingLeaks(user.responses().toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"legacy", "modern"})
  void clientThatSpeaksMcpUsesAProgramAtTheEndpointOfItsConnection(String command) {
    try (var user = userOf(command)) {
      connect(user).succeeded();
      var called = user.callToolAsClient("tools", "era").succeeded().body();
      assertThat(called.path("id").asInt()).isEqualTo(1);
      assertThat(called.at("/result/content/0/text").asText()).isEqualTo(command);
      assertAllHaveEnded();
      assertNothingLeaks(user.responses().toString());
    }
  }

  @Test
  void requestsOfOneCallShareAProgramAndShowItsOffer() {
    try (var user = service.user()) {
      user.put("/api/mcp/servers/tools", record("legacy").put("syncResources", true)).succeeded();
      connect(user).succeeded();
      var shown = user.get("/api/mcp/servers/tools", Map.of()).succeeded().body();
      assertThat(shown.at("/capabilities/tools/list/0/name").asText() + shown).contains("pid");
      assertThat(service.log().lines().filter(line -> line.contains("stdio_ended"))).hasSize(1);
    }
  }

  @Test
  void eachCallHasAProgramOfItsOwnThatEndsWithTheCall() {
    try (var user = userOf("legacy")) {
      String first = said(call(user, "pid"));
      String second = said(call(user, "pid"));
      assertThat(first).isNotEqualTo(second);
      assertThat(ProcessHandle.of(Long.parseLong(first))).isEmpty();
      assertThat(ProcessHandle.of(Long.parseLong(second))).isEmpty();
      assertAllHaveEnded();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatAProgramHasStartedEndsWithTheCall() {
    try (var user = userOf("legacy")) {
      String[] pids = said(call(user, "child")).split(" ", -1);
      assertThat(pids).hasSize(2);
      for (String pid : pids)
        EndOfProcess.await(pid);
    }
  }

  /** On Linux a program can read all variables of the process that has started it. */
  @Test
  void secretThatAProgramHasReadInOurEnvironmentReachesNoCaller() {
    try (var user = userOf("legacy")) {
      var params = Json.newObject().put("name", "say");
      params.putObject("arguments").put("say", SECRET + " unnamed-and-common");
      var more = Json.newObject();
      more.set("params", params);
      assertThat(said(call(user, "say", more))).isEqualTo("[token] unnamed-and-common");
    }
  }

  @Test
  void programGetsTheNamedVariablesAndNothingElse() {
    try (var user = userOf("legacy")) {
      assertThat(said(call(user, "environment"))).isEqualTo("EXAMPLE_API_KEY=[token] PATH=/usr/bin:/bin");
      assertThat(said(call(user, "folder"))).isEqualTo(folder.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({"exits,502,upstream_unreachable,ended before its response",
      "babbles,502,invalid_upstream_answer,text that is no MCP message",
      "gone,502,upstream_unreachable,could not be started"})
  void programThatFailsToBeginIsAClearError(String command, int status, String code, String words) {
    try (var user = userOf(command)) {
      assertFailed(connect(user), status, code, words);
      assertThat(connection(user).at("/error/code").asText()).isEqualTo(code);
      assertNothingLeaks(user.responses().toString());
      assertAllHaveEnded();
    }
  }

  @ParameterizedTest
  @CsvSource({"exit,may have been carried out", "long,a message that is too long", "much,wrote too much",
      "errors,wrote too much", "memory,may have been carried out"})
  void programThatFailsInARequestLeavesItsOutcomeUnknown(String tool, String words) {
    try (var user = userOf("legacy")) {
      assertFailed(call(user, tool), 504, "outcome_unknown", words);
      assertAllHaveEnded();
    }
  }

  @Test
  void questionsAreAnsweredOnlyWhereTheCallerWantsThat() {
    try (var user = userOf("legacy")) {
      assertThat(said(call(user, "ask"))).contains("Method not found");
      assertThat(said(call(user, "ask", Json.newObject().put("elicitation", "defaults")))).contains("'colour':'red'");
    }
  }

  @Test
  void refusalOfAToolIsTheProgramsOwnError() {
    try (var user = userOf("legacy")) {
      var refused = call(user, "no-such-tool");
      assertThat(refused.text("error")).isEqualTo("upstream_error");
      assertThat(refused.body().has("upstream_status")).isFalse();
    }
  }

  @Test
  void logHasTheLastWordsOfAProgramAndNoSecret() {
    try (var user = userOf("complains")) {
      connect(user).succeeded();
      assertThat(service.log()).contains("\"detail\":\"the last words of the program\"").doesNotContain(KEY, "-Xmx1g");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"not-defined", "/bin/sh", "../legacy", "legacy "})
  void recordCanNameADefinedProgramAlone(String command) {
    try (var user = service.user()) {
      var refused = user.put("/api/mcp/servers/tools", record(command));
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.text("error")).isEqualTo("unsupported_transport");
      assertThat(service.log()).doesNotContain("stdio_ended");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"args", "argv", "env", "cwd", "url", "headers"})
  void recordSaysNothingElseAboutItsProgram(String member) {
    try (var user = service.user()) {
      var record = record("legacy");
      ((ObjectNode) record.get("endpoint")).putArray(member).add("invented");
      var refused = user.put("/api/mcp/servers/tools", record);
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.text("error")).isEqualTo("unsupported_transport");
      assertThat(refused.text("error_description")).contains("endpoint." + member);
    }
  }

  @Test
  void noUrlLeadsToAProgram() {
    try (var user = service.user()) {
      var record = Json.newObject();
      record.putObject("endpoint").put("type", "streamableHttp").put("url", "https://stdio.invalid/legacy");
      assertThat(user.put("/api/mcp/servers/tools", record).status()).isEqualTo(400);
      var body = Json.newObject().put("resource_url", "https://stdio.invalid/legacy").put("method", "tools/list");
      assertThat(user.post(ApiUser.ACCESS, body).status()).isEqualTo(502);
      assertThat(service.log()).doesNotContain("stdio_ended");
    }
  }
}
