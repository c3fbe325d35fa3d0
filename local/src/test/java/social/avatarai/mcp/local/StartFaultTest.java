package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;

/** What keeps the runner from starting. Each time there is one sentence, exit code 2, and a process that has ended. */
@Execution(ExecutionMode.CONCURRENT) // each starts a process
class StartFaultTest {
  /** A process that still runs after this time hangs. */
  private static final int MAX_SECONDS = 120;

  @TempDir
  private Path folder;

  /** The one line on standard error. The process must have ended with 2, without saying that it is ready. */
  private String faultOf(Map<String, String> settings) throws Exception {
    var command = List.of(ProcessHandle.current().info().command().orElseThrow(), "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
        LocalRunner.class.getName(), settings.getOrDefault("template", "../template.yaml"));
    var out = folder.resolve("out");
    var err = folder.resolve("err");
    var builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(Map.of("DDB_LOCAL_TELEMETRY", "0", "AWS_EC2_METADATA_DISABLED", "true", "HOME",
        folder.toString(), "DEMO", "off", "PORT", Integer.toString(freePort())));
    builder.environment().putAll(settings);
    var process = builder.start();
    try {
      assertThat(process.waitFor(MAX_SECONDS, SECONDS)).as("it ends").isTrue();
      assertThat(process.exitValue()).as("exit code").isEqualTo(2);
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(out)).doesNotContain("ready");
    var lines = Files.readAllLines(err, UTF_8);
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst()).startsWith("local/run: ").endsWith(".");
    return lines.getFirst().substring("local/run: ".length());
  }

  private static int freePort() throws IOException {
    try (var socket = takenPort()) {
      return socket.getLocalPort();
    }
  }

  private static ServerSocket takenPort() throws IOException {
    return new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
  }

  @Test
  void namesEverySettingThatIsWrong() throws Exception {
    var settings = new HashMap<>(Map.of("PORT", "http", "DEMO_AUTH_PORT", "65536", "DEMO_MCP_PORT", "-1", "DEMO",
        "maybe", "ALLOW_LOOPBACK", "0", "SESSION_BINDING", "no"));
    settings.putAll(Map.of("AWS_ENDPOINT_URL", "localhost:4566", "ISSUER_BINDINGS", "localhost:8089", "PUBLIC_BASE_URL",
        "localhost:3000", "TOKEN_RESPONSES",
        "some", "RETURN_TO_ALLOWLIST", "my page"));
    assertThat(faultOf(settings)).startsWith("The settings are wrong: ")
        .contains("PORT must be a number from 1 to 65535", "DEMO_AUTH_PORT must be a number from 0 to 65535",
            "DEMO_MCP_PORT must", "AWS_ENDPOINT_URL must be like", "DEMO must be on, off or replicas",
            "ALLOW_LOOPBACK must be on or off", "SESSION_BINDING must",
            "ISSUER_BINDINGS must be resource origin=issuer pairs", "PUBLIC_BASE_URL ", "TOKEN_RESPONSES must",
            "RETURN_TO_ALLOWLIST ");
  }

  @Test
  void saysThatTheIssuerBindingIsNoPair() throws Exception {
    assertThat(faultOf(Map.of("ISSUER_BINDINGS", "localhost:8089")))
        .isEqualTo("The settings are wrong: ISSUER_BINDINGS must be resource origin=issuer pairs.");
  }

  @Test
  void saysThatItsPortIsTaken() throws Exception {
    try (var taken = takenPort()) {
      String port = Integer.toString(taken.getLocalPort());
      assertThat(faultOf(Map.of("PORT", port))).isEqualTo("Port " + port
          + " cannot be listened on: stop the process that has it, or set PORT to another one.");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"DEMO_AUTH_PORT", "DEMO_MCP_PORT"})
  void saysThatAPortOfTheDemoIsTaken(String name) throws Exception {
    try (var taken = takenPort()) {
      var settings = new HashMap<>(Map.of("DEMO", "on", "DEMO_AUTH_PORT", "0", "DEMO_MCP_PORT", "0"));
      settings.put(name, Integer.toString(taken.getLocalPort()));
      assertThat(faultOf(settings)).startsWith("A demo server cannot listen on port " + taken.getLocalPort() + ": ")
          .contains("DEMO_AUTH_PORT and DEMO_MCP_PORT", "DEMO=off");
    }
  }

  @Test
  void saysThatTheDataFolderIsAFile() throws Exception {
    var file = Files.createFile(folder.resolve("file"));
    for (Path path : List.of(file, file.resolve("below"))) {
      assertThat(faultOf(Map.of("DATA_DIR", path.toString()))).startsWith("DATA_DIR cannot be used: ");
    }
  }

  /** Not even root can create a file there. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void saysThatTheDataFolderCannotBeWrittenTo() throws Exception {
    assertThat(faultOf(Map.of("DATA_DIR", "/proc")))
        .isEqualTo("DATA_DIR cannot be used: set it to a folder that this user may write to.");
  }

  @Test
  void leavesADataFolderToTheProcessThatHasIt() throws Exception {
    try (var _ = DataDirectory.claim(folder.resolve("data"))) {
      assertThat(faultOf(Map.of("DATA_DIR", folder.resolve("data").toString())))
          .startsWith("DATA_DIR is in use by another local/run: ");
    }
  }

  @Test
  void saysThatTheDataIsOfAnotherRelease() throws Exception {
    Files.createDirectories(folder.resolve("data/vault"));
    assertThat(faultOf(Map.of("DATA_DIR", folder.resolve("data").toString())))
        .startsWith("DATA_DIR holds data of another release");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vault/vault.sealed", "vault/vault.key", "dynamodb/dynamodb.db"})
  void saysThatWhatIsKeptIsDamaged(String file) throws Exception {
    DataFormat.require(folder.resolve("data"));
    var damaged = folder.resolve("data").resolve(file);
    Files.createDirectories(damaged.getParent());
    Files.writeString(damaged, "not what was written there, and long enough for a header of a hundred bytes".repeat(9));
    assertThat(faultOf(Map.of("DATA_DIR", folder.resolve("data").toString())))
        .startsWith("What is kept in DATA_DIR cannot be read: ");
  }

  @Test
  void saysThatNothingAnswersAtTheEndpoint() throws Exception {
    assertThat(faultOf(atEndpoint("http://127.0.0.1:" + freePort())))
        .startsWith("What AWS_ENDPOINT_URL names cannot be used: ");
  }

  @Test
  void saysThatTheRegionIsMissing() throws Exception {
    var settings = atEndpoint("http://127.0.0.1:" + freePort());
    settings.remove("AWS_REGION");
    assertThat(faultOf(settings)).contains("set AWS_REGION");
  }

  @Test
  void saysThatTheEndpointRefuses() throws Exception {
    var refusals = new ArrayList<String>();
    try (var server = LoopbackHttp.start(request -> {
      refusals.add(request.path());
      return Response.json(400, Json.newObject().put("__type", "com.amazon#UnrecognizedClientException"));
    })) {
      assertThat(faultOf(atEndpoint(server.url())))
          .startsWith("What AWS_ENDPOINT_URL names refused the first calls (HTTP 400)");
    }
    assertThat(refusals).isNotEmpty();
  }

  @Test
  void saysThatTheTemplateIsNotThere() throws Exception {
    assertThat(faultOf(Map.of("template", folder.resolve("none.yaml").toString())))
        .startsWith("template.yaml cannot be read: ");
  }

  private static Map<String, String> atEndpoint(String url) {
    return new HashMap<>(Map.of("AWS_ENDPOINT_URL", url, "AWS_REGION", "us-east-1", "AWS_ACCESS_KEY_ID", "test",
        "AWS_SECRET_ACCESS_KEY", "test"));
  }
}
