package social.avatarai.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A fuzz test replays the seeds in the folder of its class and method. A folder of another name is not read. */
class FuzzSeedsTest {
  private static final Path SEEDS = Path.of("src/test/resources");
  private static final Path TESTS = Path.of("src/test/java");

  @Test
  void everyFolderOfSeedsHasItsFuzzTest() throws IOException {
    try (var folders = Files.walk(SEEDS)) {
      var seeds = folders.filter(FuzzSeedsTest::isOfAMethod).toList();
      assertThat(seeds).hasSizeGreaterThan(5).allMatch(FuzzSeedsTest::hasTest);
    }
  }

  private static boolean isOfAMethod(Path folder) {
    var inputs = folder.getParent();
    return Files.isDirectory(folder) && inputs != null && inputs.toString().endsWith("Inputs");
  }

  private static boolean hasTest(Path folder) {
    String inputs = SEEDS.relativize(folder).subpath(0, SEEDS.relativize(folder).getNameCount() - 1).toString();
    var test = TESTS.resolve(inputs.substring(0, inputs.length() - "Inputs".length()) + ".java");
    return Files.exists(test) && lines(test).anyMatch(line -> line.contains(" " + folder.getFileName() + "("));
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file, UTF_8).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
