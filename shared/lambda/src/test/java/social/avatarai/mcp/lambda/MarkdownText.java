package social.avatarai.mcp.lambda;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What stands within lines of Markdown: inline code, links, cells, blocks of code. */
final class MarkdownText {
  private static final Pattern CODE = Pattern.compile("(`+)([^`]+)\\1");
  private static final Pattern LINK = Pattern.compile("\\[((?:[^\\[\\]]|\\[[^\\]]*\\])*)\\]\\(([^()\\s]+)\\)");
  private static final Pattern BAR = Pattern.compile("(?<!\\\\)\\|");
  private static final Pattern FOREIGN = Pattern.compile("^[a-z][a-z+.-]*:.*");

  private MarkdownText() {}

  /**
   * A link.
   *
   * @param page the path of its target as it is written; "" for the same page
   * @param anchor what stands behind {@code #}; "" if there is none
   */
  record Link(int line, String text, String page, String anchor) {}

  /** Whether links, code and words are looked for in the line. */
  static boolean isRead(MarkdownPage.Line line) {
    return switch (line.kind()) {
      case HEADING, TABLE, TEXT -> true;
      case CODE, BLANK, COMMENT -> false;
    };
  }

  /** The inline code of these lines. */
  static List<String> code(Collection<MarkdownPage.Line> lines) {
    return lines.stream().filter(MarkdownText::isRead).flatMap(line -> code(line.text())).toList();
  }

  static Stream<String> code(String text) {
    return CODE.matcher(text).results().map(code -> code.group(2));
  }

  static String withoutCode(String text) {
    return CODE.matcher(text).replaceAll("");
  }

  /** The links that do not leave the project. */
  static List<Link> links(Collection<MarkdownPage.Line> lines) {
    return lines.stream().filter(MarkdownText::isRead)
        .flatMap(line -> LINK.matcher(withoutCode(line.text())).results().map(found -> link(line.number(), found)))
        .filter(link -> !FOREIGN.matcher(link.page()).matches()).toList();
  }

  private static Link link(int line, MatchResult found) {
    String target = found.group(2);
    int hash = target.indexOf('#');
    return hash < 0 || FOREIGN.matcher(target).matches()
        ? new Link(line, found.group(1), target, "")
        : new Link(line, found.group(1), target.substring(0, hash), target.substring(hash + 1));
  }

  /** The tables, each with its rows, each with its cells; a table's first row is its head, its second one a rule. */
  static List<List<List<String>>> tables(List<MarkdownPage.Line> lines) {
    return runs(lines, MarkdownPage.Kind.TABLE).stream()
        .map(table -> table.stream().map(MarkdownText::cells).toList()).toList();
  }

  private static List<String> cells(String row) {
    String text = row.strip();
    String inner = text.substring(1, text.endsWith("|") ? text.length() - 1 : text.length());
    return Stream.of(BAR.split(inner, -1)).map(String::strip).toList();
  }

  /** The blocks of code, each with its lines; fences are lines, too. */
  static List<List<String>> blocks(List<MarkdownPage.Line> lines) {
    return runs(lines, MarkdownPage.Kind.CODE);
  }

  private static List<List<String>> runs(List<MarkdownPage.Line> lines, MarkdownPage.Kind kind) {
    var runs = new ArrayList<List<String>>();
    boolean isInside = false;
    for (var line : lines) {
      boolean isOne = line.kind() == kind;
      if (isOne && !isInside) runs.add(new ArrayList<>());
      if (isOne) runs.getLast().add(line.text());
      isInside = isOne;
    }
    return runs;
  }
}
