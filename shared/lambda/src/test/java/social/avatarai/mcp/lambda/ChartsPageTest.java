package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.token.Grant;

/** {@code docs/charts.md} and its translation: every box of the charts has the code that decides it and a test that walks it. */
class ChartsPageTest {
  private static final String PAGE = "charts.md";
  private static final String TRANSLATION = "charts.zh-CN.md";
  private static final Pattern STATUS = Pattern.compile("(\\d{3}) `(\\w+)`");
  private static final Pattern COMMAND = Pattern.compile("`(\\.ci/[\\w-]+)`");
  private static final Pattern NAME = Pattern.compile("[A-Z]\\w+(?:\\.\\w+)?");

  @ParameterizedTest
  @ValueSource(strings = {PAGE, TRANSLATION})
  void everyBoxHasARowAndEveryRowABox(String name) throws IOException {
    var page = ChartPage.read(name);
    assertThat(page.labelsOfRows()).isEqualTo(page.boxes()).hasSizeGreaterThan(60);
  }

  @ParameterizedTest
  @ValueSource(strings = {PAGE, TRANSLATION})
  void noCellIsEmptyAndEveryRowNamesCodeAndATest(String name) throws IOException {
    assertThat(ChartPage.read(name).rows()).allSatisfy(row -> {
      assertThat(row.cells()).as(row.id()).hasSize(ChartPage.Row.CELLS).noneMatch(String::isBlank);
      assertThat(row.code()).as(row.id()).isNotEmpty().allMatch(code -> NAME.matcher(code).matches());
      assertThat(row.tests()).as(row.id()).isNotEmpty();
    });
  }

  @Test
  void everyClassAndMemberThatDecidesABoxIsThere() throws IOException {
    var sources = new SourceFiles("src/main");
    for (var row : ChartPage.read(PAGE).rows()) {
      for (String code : row.code())
        assertThat(sources.declares(code)).as("%s: %s", row.id(), code).isTrue();
    }
  }

  @Test
  void everyTestThatWalksABoxIsThere() throws IOException {
    var sources = new SourceFiles("src/test");
    for (var row : ChartPage.read(PAGE).rows()) {
      for (String test : row.tests())
        assertThat(sources.hasTest(test)).as("%s: %s", row.id(), test).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {PAGE, TRANSLATION})
  void everyStatusIsThatOfItsError(String name) throws IOException {
    Map<String, Integer> statuses = Stream.of(ErrorCode.values())
        .collect(Collectors.toMap(ErrorCode::wireName, HttpStatus::of));
    var said = STATUS.matcher(ChartPage.read(name).text()).results().toList();
    assertThat(said).hasSizeGreaterThan(20).allSatisfy(
        one -> assertThat(statuses).containsEntry(one.group(2), Integer.valueOf(one.group(1))));
  }

  @Test
  void bothLanguagesHaveTheSameBoxesArrowsAndFacts() throws IOException {
    var page = ChartPage.read(PAGE);
    var translation = ChartPage.read(TRANSLATION);
    assertThat(translation.shape()).isEqualTo(page.shape());
    assertThat(facts(translation)).isEqualTo(facts(page));
  }

  private static List<List<List<String>>> facts(ChartPage page) {
    return page.rows().stream().map(ChartPage.Row::facts).toList();
  }

  @Test
  void theChecklistWarnsOfLongLivedTokensByTheWordOfTheApi() throws IOException {
    String word = "`" + Grant.Warning.LONG_LIVED_TOKEN.wireName() + "`";
    assertThat(ChartPage.read(PAGE).rows()).anySatisfy(row -> {
      assertThat(row.id()).startsWith("D");
      assertThat(row.happening()).contains(word, "shorter");
    });
  }

  @Test
  void everyCommandThatWalksAChartIsThere() throws IOException {
    var commands = COMMAND.matcher(ChartPage.read(PAGE).text()).results().map(found -> found.group(1)).toList();
    assertThat(commands).isNotEmpty()
        .allSatisfy(command -> assertThat(LimitTable.PROJECT.resolve(command)).isRegularFile());
  }

  @Test
  void namesThatAreNotThereAreNoticed() throws IOException {
    var main = new SourceFiles("src/main");
    assertThat(List.of(main.declares("HttpStatus"), main.declares("HttpStatus.of"))).containsOnly(true);
    // The second is called there and not declared, the third is a word of a comment.
    assertThat(List.of(main.declares("NoSuchClass"), main.declares("HttpStatus.wireName"),
        main.declares("HttpStatus.decides"))).containsOnly(false);
    var tests = new SourceFiles("src/test");
    assertThat(List.of(tests.hasTest("ChartsPageTest.namesThatAreNotThereAreNoticed"),
        tests.hasTest("ChartsPageTest.everyStatusIsThatOfItsError"))).containsOnly(true);
    assertThat(List.of(tests.hasTest("ChartsPageTest"), tests.hasTest("ChartsPageTest.facts"),
        tests.hasTest("RedirectUriAttackFlowTest.close"))).containsOnly(false);
  }
}
