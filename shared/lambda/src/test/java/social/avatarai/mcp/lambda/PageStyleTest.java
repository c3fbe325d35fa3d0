package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pages are easy to read and to change: long ones begin with their contents, words are plain, a sentence has its own line. */
class PageStyleTest {
  /** About two screens. */
  private static final int MAX_LINES_WITHOUT_CONTENTS = 100;
  private static final Pattern HARD_WORD = Pattern.compile("(?i)\\b(anew|whoever|nobody's|told|but for)\\b");
  /** It ends no sentence. */
  private static final Pattern ABBREVIATION = Pattern.compile("\\b(?:e\\.g|i\\.e|etc|vs)\\.");
  private static final Pattern TWO_SENTENCES = Pattern.compile("(?<!\\b\\d{1,2})[.!?][)*\"”]*\\s+\\S|[。！？][^）】”*」\\s]");
  private static final Pattern WHOLE_SENTENCE = Pattern.compile(".*[.!?:;。！？：；][)*\"”）]*");
  private static final Pattern ITEM = Pattern.compile("\\s*(?:[-*]|\\d+\\.) .*");
  /** A test and a program write these. */
  private static final Set<String> GENERATED = Set.of("docs/providers.md", "docs/compatibility.md");

  private static Stream<MarkdownPage> docs() throws IOException {
    return MarkdownPage.all().stream().filter(page -> page.name().matches("docs/[\\w.-]+\\.md"));
  }

  private static Stream<MarkdownPage> writtenByHand() throws IOException {
    return docs().filter(page -> !GENERATED.contains(page.name()));
  }

  @Test
  void longPagesBeginWithTheirContents() throws IOException {
    assertThat(docs().filter(page -> page.lines().size() > MAX_LINES_WITHOUT_CONTENTS)).hasSizeGreaterThan(5)
        .flatMap(PageStyleTest::missingContents).isEmpty();
  }

  /** The sections to which no item of a list before the first of them leads. */
  private static List<String> missingContents(MarkdownPage page) {
    var before = new ArrayList<MarkdownPage.Line>();
    for (var section : page.sections()) {
      if (section.level() > 1) break;
      before.addAll(section.lines());
    }
    var contents = MarkdownText.links(before.stream().filter(line -> ITEM.matcher(line.text()).matches()).toList())
        .stream().filter(link -> link.page().isEmpty()).map(MarkdownText.Link::anchor).toList();
    return page.anchors(2, 2).stream().filter(anchor -> !contents.contains(anchor))
        .map(anchor -> page.name() + "#" + anchor).toList();
  }

  @Test
  void noPageHasWordsThatAReaderOfASecondLanguageDoesNotKnow() throws IOException {
    assertThat(MarkdownPage.all()).filteredOn(page -> !page.isChinese()).flatMap(PageStyleTest::hardWords).isEmpty();
  }

  private static List<String> hardWords(MarkdownPage page) {
    return page.lines().stream().filter(MarkdownText::isRead)
        .flatMap(line -> HARD_WORD.matcher(MarkdownText.withoutCode(line.text())).results()
            .map(word -> page.name() + ":" + line.number() + ": " + word.group()))
        .toList();
  }

  @Test
  void eachSentenceHasALineOfItsOwn() throws IOException {
    assertThat(writtenByHand()).flatMap(PageStyleTest::badLines).isEmpty();
  }

  /** Lines with two sentences, or with the beginning of one; not those of lists and tables. */
  private static List<String> badLines(MarkdownPage page) {
    var bad = new ArrayList<String>();
    for (int i = 0; i + 1 < page.lines().size(); i++) {
      var line = page.lines().get(i);
      boolean isContinued = isProse(page.lines().get(i + 1)) && !WHOLE_SENTENCE.matcher(line.text()).matches();
      String text = ABBREVIATION.matcher(MarkdownText.withoutCode(line.text())).replaceAll("");
      if (isProse(line) && (isContinued || TWO_SENTENCES.matcher(text).find()))
        bad.add(page.name() + ":" + line.number());
    }
    return bad;
  }

  private static boolean isProse(MarkdownPage.Line line) {
    return line.kind() == MarkdownPage.Kind.TEXT && !line.text().startsWith(" ")
        && !ITEM.matcher(line.text()).matches();
  }

  @Test
  void missingContentsAreNoticed() {
    String contents = "# Page\n\nText, see [two](#two).\n\n- [One](#one)\n- [Two](#two)\n\n";
    String sections = "## One\n\n### More\n\n## Two\n";
    assertThat(missingContents(MarkdownPage.of("a.md", contents + sections))).isEmpty();
    assertThat(missingContents(MarkdownPage.of("a.md", "# Page\n\n" + sections + contents)))
        .containsExactly("a.md#one", "a.md#two");
    assertThat(missingContents(MarkdownPage.of("a.md", contents.replace("- [Two](#two)\n", "") + sections)))
        .containsExactly("a.md#two");
  }

  @Test
  void hardWordsAreNoticed() {
    assertThat(hardWords(MarkdownPage.of("a.md", """
        Begin Anew.

            told

        `but for` untold
        It is nobody's, but for one.
        """))).containsExactly("a.md:1: Anew", "a.md:6: nobody's", "a.md:6: but for");
  }

  @Test
  void twoSentencesInALineAreNoticed() {
    assertThat(badLines(MarkdownPage.of("a.md", """
        One sentence with `a. B` and 1.5 of it, e.g. This.
        **2. A step.**
        One. Another one.
        Why? *Because.* So.
        - An item. It may.

        | a cell. | It may. |

            code. Too.

        一句话（用 a.B，1.5）。
        一句。又一句。
        """))).containsExactly("a.md:3", "a.md:4", "a.md:12");
  }

  @Test
  void sentencesOverTwoLinesAreNoticed() {
    assertThat(badLines(MarkdownPage.of("a.md", """
        One that
        goes on.
        **One.**
        Another (one.)
        The last
        """))).containsExactly("a.md:1");
  }
}
