package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A user's word never becomes a command: only {@code local} starts processes, those of the operator's programs in one
 * class.
 */
class OnlyTheLocalRunnerStartsProcessesTest {
  private static final Path ROOT = Path.of("../..");
  private static final Pattern START = Pattern
      .compile("\\bProcessBuilder\\b|\\bgetRuntime\\(\\)\\s*\\.exec\\b|\\.startPipeline\\(|\\bRuntime::exec\\b");

  @Test
  void noFunctionAndNoLibraryStartsAProcess() throws IOException {
    try (var shared = Files.list(ROOT.resolve("shared")); var functions = Files.list(ROOT.resolve("functions"))) {
      assertThat(Stream.concat(shared, functions).flatMap(OnlyTheLocalRunnerStartsProcessesTest::starting).toList())
          .isEmpty();
    }
  }

  @Test
  void localRunnerStartsTheOperatorsProgramsInOneClass() {
    assertThat(starting(ROOT.resolve("local")).map(file -> file.getFileName().toString()))
        .containsExactlyInAnyOrder("ChildProcess.java", "LambdaProcess.java", "KeyCommands.java");
  }

  @ParameterizedTest
  @ValueSource(strings = {"new ProcessBuilder(command)", "java.lang.ProcessBuilder b", "Runtime.getRuntime().exec(x)",
      "Runtime.getRuntime()\n  .exec(x)", "ProcessBuilder.startPipeline(all)"})
  void seesAStart(String code) {
    assertThat(START.matcher(code).find()).isTrue();
  }

  private static Stream<Path> starting(Path module) {
    var sources = module.resolve("src/main/java");
    if (!Files.isDirectory(sources)) return Stream.empty();
    try (var files = Files.walk(sources)) {
      return files.filter(file -> file.toString().endsWith(".java")).filter(file -> START.matcher(text(file)).find())
          .toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
