package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.avatarai.mcp.Failure;

class DataFormatTest {
  @TempDir
  private Path folder;

  private void assertRefused() {
    assertThatThrownBy(() -> DataFormat.require(folder)).isInstanceOfSatisfying(Failure.Misconfigured.class,
        failure -> assertThat(failure.safeMessage()).startsWith("DATA_DIR ").endsWith(".")
            .doesNotContain(folder.toString()));
  }

  @Test
  void emptyDirectoryIsMarkedAndTakenAgain() throws Exception {
    var directory = folder.resolve("new");
    DataFormat.require(directory);
    assertThat(directory.resolve("format")).hasContent("2");
    Files.createDirectories(directory.resolve("dynamodb"));
    DataFormat.require(directory);
  }

  @Test
  void dataOfBeforeThereWasAFormatIsRefusedAndLeftAsItIs() throws Exception {
    Files.createDirectories(folder.resolve("dynamodb"));
    assertRefused();
    assertThat(folder.resolve("format")).doesNotExist();
    assertThat(folder.resolve("dynamodb")).exists();
  }

  @Test
  void dataOfAnotherFormatIsRefused() throws Exception {
    Files.writeString(folder.resolve("format"), "3\n");
    assertRefused();
  }

  @Test
  void runnerEndsWithOneSentenceAndExitCodeTwo() throws Exception {
    Files.createDirectories(folder.resolve("data/vault"));
    var err = folder.resolve("err");
    var builder = new ProcessBuilder(List.of(ProcessHandle.current().info().command().orElseThrow(),
        "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
        LocalRunner.class.getName(), "../template.yaml")).redirectError(err.toFile())
        .redirectOutput(folder.resolve("out").toFile());
    builder.environment().putAll(Map.of("DATA_DIR", folder.resolve("data").toString(), "DEMO", "off", "PORT",
        "4499", "DDB_LOCAL_TELEMETRY", "0"));
    var process = builder.start();
    try {
      assertThat(process.waitFor(120, SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(2);
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readAllLines(err, UTF_8)).singleElement()
        .satisfies(line -> assertThat(line).startsWith("local/run: DATA_DIR ").endsWith("."));
    assertThat(Files.readString(folder.resolve("out"))).doesNotContain("ready");
  }
}
