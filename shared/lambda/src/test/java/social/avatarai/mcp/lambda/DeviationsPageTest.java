package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/deviations.md}: every deviation of real servers has a decision and tests that show it. */
class DeviationsPageTest {
  private static final int DEVIATIONS = 86;
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\|(.*)\\|$");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final String BOTH = "both";
  private static final String NOTHING = "–";

  /**
   * The row of a deviation.
   *
   * @param number its number
   * @param cells what servers do, what this service does, the decision, what opens it, the tests
   */
  private record Row(int number, List<String> cells) {
    private static final int CELLS = 5;

    String decision() {
      return cells.get(2);
    }

    List<String> openedBy() {
      return quoted(cells.get(3));
    }

    List<String> tests() {
      return quoted(cells.get(4));
    }

    private static List<String> quoted(String cell) {
      return CODE.matcher(cell).results().map(code -> code.group(1)).toList();
    }
  }

  private static String page(String name) throws IOException {
    return Files.readString(LimitTable.PROJECT.resolve(name));
  }

  private static List<Row> rows() throws IOException {
    return ROW.matcher(page("docs/deviations.md")).results()
        .map(row -> new Row(Integer.parseInt(row.group(1)),
            Stream.of(row.group(2).split("\\|", -1)).map(String::strip).toList()))
        .toList();
  }

  @Test
  void deviationsAreNumberedWithoutAGap() throws IOException {
    assertThat(rows()).extracting(Row::number)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, DEVIATIONS).boxed().toList());
  }

  @Test
  void eachHasADecisionAndTestsOfIt() throws IOException {
    assertThat(rows()).allSatisfy(row -> {
      assertThat(row.cells()).as("%s", row.number()).hasSize(Row.CELLS).noneMatch(String::isBlank);
      assertThat(row.decision()).as("%s", row.number()).isIn(Set.of("tolerated", "refused", BOTH));
      assertThat(row.tests()).as("%s", row.number()).doesNotHaveDuplicates()
          .hasSizeGreaterThanOrEqualTo(row.decision().equals(BOTH) ? 2 : 1);
      assertThat(row.openedBy().isEmpty()).as("%s", row.number()).isEqualTo(row.cells().get(3).equals(NOTHING));
    });
  }

  @Test
  void everyTestIsThere() throws IOException {
    var sources = new SourceFiles("src/test");
    for (var row : rows()) {
      for (String test : row.tests())
        assertThat(sources.hasTest(test)).as("%s: %s", row.number(), test).isTrue();
    }
  }

  /** Members of profiles and records, and settings. */
  @Test
  void whatOpensADeviationIsDocumented() throws IOException {
    String documented = page("docs/settings.md") + page("docs/providers.md") + page("docs/api.md");
    for (var row : rows()) {
      assertThat(row.openedBy()).as("%s", row.number())
          .allSatisfy(name -> assertThat(documented).contains("`" + name + "`"));
    }
  }
}
