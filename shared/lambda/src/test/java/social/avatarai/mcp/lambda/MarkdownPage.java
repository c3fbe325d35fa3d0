package social.avatarai.mcp.lambda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A page in Markdown, read line by line, as far as the tests of the documents need it.
 *
 * @param name its path below the project
 */
record MarkdownPage(String name, List<Line> lines) {
  private static final Pattern HEADING = Pattern.compile("(#{1,6}) (.*)");
  private static final Pattern LINKED_TEXT = Pattern.compile("\\[([^\\]]*)\\]\\([^)]*\\)");
  /** What GitHub takes out of a heading to make its anchor. */
  private static final Pattern NOT_IN_ANCHORS = Pattern.compile("[^\\p{L}\\p{M}\\p{Nd}\\p{Pc}\\- ]");
  private static final Set<String> FOLDERS_OF_OTHERS = Set.of(".git", "target", "node_modules");

  /** What a line is part of. */
  enum Kind {
    HEADING, CODE, TABLE, TEXT, BLANK, COMMENT
  }

  /**
   * A line.
   *
   * @param number from 1
   */
  record Line(int number, Kind kind, String text) {}

  /**
   * A heading and all lines up to the next one.
   *
   * @param level 1 to 6; 0 for what stands before the first heading
   */
  record Section(int level, String title, List<Line> lines) {}

  static MarkdownPage read(String name) throws IOException {
    return of(name, Files.readString(LimitTable.PROJECT.resolve(name)));
  }

  static MarkdownPage of(String name, String text) {
    return new MarkdownPage(name, new Reader().read(text));
  }

  /** All pages of the project, {@code llms.txt} among them. */
  static List<MarkdownPage> all() throws IOException {
    var pages = new ArrayList<MarkdownPage>();
    for (var file : files(LimitTable.PROJECT))
      pages.add(read(LimitTable.PROJECT.relativize(file).toString().replace('\\', '/')));
    return pages;
  }

  private static List<Path> files(Path folder) throws IOException {
    var found = new ArrayList<Path>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (var entry : entries.sorted().toList()) {
        String name = String.valueOf(entry.getFileName());
        if (Files.isDirectory(entry)) {
          if (!FOLDERS_OF_OTHERS.contains(name)) found.addAll(files(entry));
        } else if (name.endsWith(".md") || name.equals("llms.txt")) found.add(entry);
      }
    }
    return found;
  }

  boolean isChinese() { return name.endsWith(".zh-CN.md"); }

  List<Section> sections() {
    var sections = new ArrayList<Section>();
    var current = new Section(0, "", new ArrayList<>());
    for (var line : lines) {
      var heading = HEADING.matcher(line.text());
      if (line.kind() == Kind.HEADING && heading.matches()) {
        sections.add(current);
        current = new Section(heading.group(1).length(), heading.group(2).strip(), new ArrayList<>());
      }
      current.lines().add(line);
    }
    sections.add(current);
    if (sections.getFirst().lines().stream().allMatch(line -> line.kind() == Kind.BLANK)) sections.removeFirst();
    return sections;
  }

  /** The anchors of the headings, in their order, as GitHub makes them. */
  List<String> anchors() {
    return anchors(1, 6);
  }

  /** The anchors of the headings of these levels alone. */
  List<String> anchors(int fromLevel, int toLevel) {
    var all = new LinkedHashSet<String>();
    var wanted = new ArrayList<String>();
    for (var section : sections()) {
      if (section.level() == 0) continue;
      String anchor = free(all, anchor(section.title()));
      all.add(anchor);
      if (section.level() >= fromLevel && section.level() <= toLevel) wanted.add(anchor);
    }
    return wanted;
  }

  private static String free(Set<String> taken, String anchor) {
    String free = anchor;
    for (int number = 1; taken.contains(free); number++)
      free = anchor + "-" + number;
    return free;
  }

  private static String anchor(String title) {
    String text = LINKED_TEXT.matcher(title).replaceAll("$1").toLowerCase(Locale.ROOT);
    return NOT_IN_ANCHORS.matcher(text).replaceAll("").replace(' ', '-');
  }

  /** Tells the lines of code, tables and comments from the others. */
  private static final class Reader {
    private @Nullable Kind open;
    private Kind before = Kind.BLANK;

    List<Line> read(String text) {
      var lines = new ArrayList<Line>();
      for (String line : text.split("\n", -1)) {
        before = kind(line);
        lines.add(new Line(lines.size() + 1, before, line));
      }
      return List.copyOf(lines);
    }

    private Kind kind(String line) {
      String text = line.strip();
      if (open != null) {
        var kind = open;
        if (kind == Kind.CODE ? text.startsWith("```") : text.endsWith("-->")) open = null;
        return kind;
      }
      if (text.startsWith("```")) {
        open = Kind.CODE;
        return Kind.CODE;
      }
      if (text.startsWith("<!--")) {
        if (!text.endsWith("-->")) open = Kind.COMMENT;
        return Kind.COMMENT;
      }
      if (text.isEmpty()) return Kind.BLANK;
      if (line.startsWith("    ") && before != Kind.TEXT && before != Kind.TABLE) return Kind.CODE;
      if (text.startsWith("|")) return Kind.TABLE;
      return HEADING.matcher(line).matches() ? Kind.HEADING : Kind.TEXT;
    }
  }
}
