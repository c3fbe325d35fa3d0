package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code docs/integrate.md} prints of the back ends in {@code docs/examples} stands there: {@code .ci/integrate} runs it. */
class ExcerptsTest {
  private static Stream<String> blocks(String title) throws IOException {
    return MarkdownPage.read("docs/integrate.md").sections().stream()
        .filter(section -> section.title().equals(title))
        .flatMap(section -> MarkdownText.blocks(section.lines()).stream()).map(ExcerptsTest::text);
  }

  private static String text(List<String> block) {
    return String.join("\n", block).stripIndent();
  }

  @Test
  void bothCallsStandInTheExamples() throws IOException {
    String examples = Files.readString(LimitTable.PROJECT.resolve("docs/examples/backend.mjs"))
        + Files.readString(LimitTable.PROJECT.resolve("docs/examples/backend.py"));
    assertThat(blocks("The JWT of the user")).hasSizeGreaterThan(1).allMatch(examples::contains);
  }
}
