package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages that integrators and operators need are there in English and in Chinese, and say the same. */
class TranslatedPagesTest {
  private static final List<String> PAGES = List.of("README", "docs/api", "docs/charts", "docs/deploy", "docs/events",
      "docs/glossary", "docs/integrate", "docs/local-testing", "docs/settings");
  private static final String PAGE = """
      # Title

      Use `A_SETTING`, see [the errors](api.md#errors).

      ## Errors

      | code | meaning |
      |---|---|
      | `not_found` | nothing is there |
      | `forbidden` | no |

          curl -s localhost  # asks
      """;
  private static final String TRANSLATION = """
      # 标题

      请使用 `A_SETTING`，见[错误](api.zh-CN.md#错误)。

      ## 错误

      | 错误码 | 含义 |
      |---|---|
      | `not_found` | 不存在 |
      | `forbidden` | 不允许 |

          curl -s localhost  # 询问
      """;

  static Stream<String> pages() {
    return PAGES.stream();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void bothLanguagesHaveTheSameHeadingsNamesLinksTablesAndCode(String name) throws IOException {
    assertThat(TranslationFaults.of(MarkdownPage.read(name + ".md"), MarkdownPage.read(name + ".zh-CN.md"))).isEmpty();
  }

  @Test
  void noOtherPageIsTranslated() throws IOException {
    assertThat(MarkdownPage.all()).filteredOn(MarkdownPage::isChinese)
        .extracting(page -> page.name().replace(".zh-CN.md", "")).containsExactlyInAnyOrderElementsOf(PAGES);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void eachLanguageLinksToTheOther(String name) throws IOException {
    String file = name.substring(name.lastIndexOf('/') + 1);
    assertThat(switchOf(name + ".md")).containsExactly("简体中文 " + file + ".zh-CN.md");
    assertThat(switchOf(name + ".zh-CN.md")).containsExactly("English " + file + ".md");
  }

  private static Stream<String> switchOf(String name) throws IOException {
    return MarkdownText.links(MarkdownPage.read(name).lines()).stream()
        .filter(link -> TranslationFaults.isSwitch(link)).map(link -> link.text() + " " + link.page());
  }

  /** A reader stays in the language. */
  @ParameterizedTest
  @MethodSource("pages")
  void chinesePagesLinkToChinesePages(String name) throws IOException {
    var page = MarkdownPage.read(name + ".zh-CN.md");
    var translated = PAGES.stream().map(pair -> pair + ".md").toList();
    var elsewhere = MarkdownText.links(page.lines()).stream().filter(link -> !TranslationFaults.isSwitch(link))
        .map(link -> Path.of(page.name()).resolveSibling(link.page()).normalize().toString().replace('\\', '/'))
        .filter(translated::contains);
    assertThat(elsewhere).isEmpty();
  }

  @Test
  void pagesThatSayTheSameHaveNoFaults() {
    assertThat(faults(TRANSLATION)).isEmpty();
  }

  @Test
  void whatATranslationLacksIsNoticed() {
    assertThat(faults(TRANSLATION.replace("`A_SETTING`", "设置"))).containsExactly("Title: inline code: [A_SETTING], []");
    assertThat(faults(TRANSLATION.replace("`A_SETTING`", "`A_SETING`")))
        .containsExactly("Title: inline code: [A_SETTING], [A_SETING]");
    assertThat(faults(TRANSLATION.replace("[错误](api.zh-CN.md#错误)", "错误")))
        .containsExactly("Title: links: [api.md#], []");
    assertThat(faults(TRANSLATION.replace("curl -s", "curl"))).singleElement().asString()
        .startsWith("Errors: blocks of code: ");
    assertThat(faults(TRANSLATION.replace("## 错误", "### 错误")))
        .containsExactly("the levels of the headings: [1, 2], [1, 3]");
  }

  @Test
  void rowsThatAreMissingMovedOrCutAreNoticed() {
    String row = "| `forbidden` | 不允许 |\n";
    String other = "| `not_found` | 不存在 |\n";
    assertThat(faults(TRANSLATION.replace(other + row, row + other)))
        .containsExactly("Errors: row 3: 2 cells [] [not_found], 2 cells [] [forbidden]");
    assertThat(faults(TRANSLATION.replace(row, "| `forbidden` |\n")))
        .containsExactly("Errors: row 4: 2 cells [] [forbidden], 1 cells [] [forbidden]");
    assertThat(faults(TRANSLATION.replace(row, "")))
        .contains("Errors: rows of tables: [4], [3]", "Errors: inline code: [forbidden], []");
    assertThat(faults(TRANSLATION.replace("| 不存在", "| 没有 `forbidden`")))
        .containsExactly("Errors: row 3: 2 cells [] [not_found], 2 cells [] [forbidden, not_found]");
  }

  private static List<String> faults(String translation) {
    return TranslationFaults.of(MarkdownPage.of("page.md", PAGE), MarkdownPage.of("page.zh-CN.md", translation));
  }
}
