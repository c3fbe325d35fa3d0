package social.avatarai.mcp.lambda;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** In what a page and its translation differ, except for their words. */
final class TranslationFaults {
  /** A comment in code, which is translated. */
  private static final Pattern COMMENT = Pattern.compile("(?:^|\\s+)(?:#|//) .*$");
  /** A word that stands for a value. */
  private static final Pattern PLACEHOLDER = Pattern.compile("<[^<>]*>");
  private static final Pattern LABEL = Pattern.compile("\"[^\"]*\"|\\|[^|]*\\|");
  private static final Pattern CORNER = Pattern.compile("[▼▶◀▲┌┐└┘├┤┬┴┼]");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final Set<String> SWITCH = Set.of("English", "简体中文");

  private final List<String> faults = new ArrayList<>();

  private TranslationFaults() {}

  static List<String> of(MarkdownPage page, MarkdownPage translation) {
    var found = new TranslationFaults();
    var sections = page.sections();
    var translated = translation.sections();
    found.compare("the levels of the headings", levels(sections), levels(translated));
    if (found.faults.isEmpty()) {
      for (int i = 0; i < sections.size(); i++)
        found.compare(sections.get(i), translated.get(i));
    }
    return List.copyOf(found.faults);
  }

  /** Whether the link leads from a page to its translation, or back. */
  static boolean isSwitch(MarkdownText.Link link) {
    return SWITCH.contains(link.text());
  }

  private static List<Integer> levels(List<MarkdownPage.Section> sections) {
    return sections.stream().map(MarkdownPage.Section::level).toList();
  }

  private void compare(MarkdownPage.Section section, MarkdownPage.Section translated) {
    String title = section.title();
    compare(title + ": inline code", code(section), code(translated));
    compare(title + ": links", links(section), links(translated));
    compare(title + ": blocks of code", blocks(section), blocks(translated));
    compareRows(title, tables(section), tables(translated));
  }

  /** Tells the first row that differs, or how many tables or rows there are. */
  private void compareRows(String title, List<List<String>> tables, List<List<String>> translated) {
    compare(title + ": rows of tables", tables.stream().map(List::size).toList(),
        translated.stream().map(List::size).toList());
    var rows = tables.stream().flatMap(List::stream).toList();
    var others = translated.stream().flatMap(List::stream).toList();
    for (int i = 0; i < Math.min(rows.size(), others.size()); i++) {
      if (rows.get(i).equals(others.get(i))) continue;
      compare(title + ": row " + (i + 1), rows.get(i), others.get(i));
      return;
    }
  }

  private void compare(String what, Object expected, Object found) {
    if (!Objects.equals(expected, found)) faults.add("%s: %s, %s".formatted(what, expected, found));
  }

  private void compare(String what, Set<String> expected, Set<String> found) {
    var missing = new TreeSet<>(expected);
    missing.removeAll(found);
    var more = new TreeSet<>(found);
    more.removeAll(expected);
    compare(what, missing, (Object) more);
  }

  /** Settings, routes, error codes, warnings, causes and all other names. */
  private static Set<String> code(MarkdownPage.Section section) {
    return MarkdownText.code(section.lines()).stream().map(TranslationFaults::withoutPlaceholder)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String withoutPlaceholder(String code) {
    return PLACEHOLDER.matcher(code).replaceAll("<>");
  }

  private static Set<String> links(MarkdownPage.Section section) {
    return MarkdownText.links(section.lines()).stream().filter(link -> !isSwitch(link))
        .map(link -> link.page().replace(".zh-CN.md", ".md") + (link.anchor().isEmpty() ? "" : "#"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<List<String>> blocks(MarkdownPage.Section section) {
    return MarkdownText.blocks(section.lines()).stream().map(TranslationFaults::withoutWords).toList();
  }

  private static List<String> withoutWords(List<String> block) {
    if (block.getFirst().contains("mermaid"))
      return block.stream().map(line -> LABEL.matcher(line).replaceAll("")).toList();
    if (block.stream().anyMatch(line -> CORNER.matcher(line).find()))
      return block.stream().map(line -> line.replaceAll("[^▼▶◀▲┌┐└┘├┤┬┴┼]", "")).toList();
    return block.stream().map(line -> COMMENT.matcher(line).replaceAll("")).toList();
  }

  /** For each row of each table the number of its cells, the numbers in its first one, and all code of the row. */
  private static List<List<String>> tables(MarkdownPage.Section section) {
    return MarkdownText.tables(section.lines()).stream()
        .map(table -> table.stream().map(TranslationFaults::shape).toList()).toList();
  }

  private static String shape(List<String> row) {
    var code = row.stream().flatMap(MarkdownText::code).map(TranslationFaults::withoutPlaceholder).sorted().distinct();
    var numbers = NUMBER.matcher(MarkdownText.withoutCode(row.getFirst())).results().map(MatchResult::group);
    return "%d cells %s %s".formatted(row.size(), numbers.toList(), code.toList());
  }
}
