package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What every function has, and what no handler has. */
class ConventionsTest {
  private static final Path ROOT = Path.of("..", "..");

  private static List<Path> functions() throws IOException {
    try (var folders = Files.list(ROOT.resolve("functions"))) {
      var all = folders.filter(folder -> Files.exists(folder.resolve("pom.xml"))).sorted().toList();
      assertThat(all).hasSizeGreaterThanOrEqualTo(10);
      return all;
    }
  }

  private static List<Path> sources(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("src"))) {
      return files.filter(file -> file.toString().endsWith(ending)).toList();
    }
  }

  @Test
  void everyFunctionHasATemplateEntryEventsAModuleAndATest() throws IOException {
    String template = Files.readString(ROOT.resolve("template.yaml"));
    String modules = Files.readString(ROOT.resolve("pom.xml"));
    for (var function : functions()) {
      String name = function.getFileName().toString();
      assertThat(template).contains("CodeUri: functions/" + name + "/target/" + name + ".zip");
      assertThat(modules).contains("<module>functions/" + name + "</module>");
      try (var events = Files.list(ROOT.resolve("events").resolve(name))) {
        assertThat(events.filter(event -> event.toString().endsWith(".expected.json"))).as(name).isNotEmpty();
      }
      assertThat(sources(function, "HandlerTest.java")).as(name).isNotEmpty();
    }
  }

  @Test
  void aHandlerIsShortAndLeavesToOthersWhatIsTheirs() throws IOException {
    for (var function : functions()) {
      for (var handler : sources(function, "Handler.java")) {
        String source = Files.readString(handler);
        long lines = source.substring(source.indexOf("public final class")).lines().count();
        // Counts the class itself, without its imports and its Javadoc.
        assertThat(lines).as(handler.toString()).isLessThanOrEqualTo(40);
        assertThat(source).as(handler.toString()).doesNotContain("try {", "System.getenv", "software.amazon");
      }
    }
  }
}
