package social.avatarai.mcp.lambda;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A page with the charts of the decisions: drawings, each followed by a table with a row for each of its boxes.
 *
 * @param text the whole page
 */
record ChartPage(String text) {
  private static final Pattern DRAWING = Pattern.compile("(?ms)^```mermaid\\n(.*?)^```$");
  /** A box is defined once, with its id and its label in it; arrows name it by its id. */
  private static final Pattern BOX = Pattern.compile("\\b([A-E]\\d+)[\\[{(]+\"\\1: ([^\"]+)\"");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| ([A-E]\\d+) \\|(.*)\\|$");
  private static final Pattern LABEL = Pattern.compile("\"[^\"]*\"|\\|[^|\\n]*\\|");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  static ChartPage read(String name) throws IOException {
    return new ChartPage(Files.readString(LimitTable.PROJECT.resolve("docs").resolve(name)));
  }

  /**
   * The row of a box.
   *
   * @param id the box
   * @param cells its label, what happens there, the code that decides it, the tests that walk it
   */
  record Row(String id, List<String> cells) {
    static final int CELLS = 4;

    String label() {
      return cells.getFirst();
    }

    /** What a caller gets, among other things. */
    String happening() {
      return cells.get(1);
    }

    List<String> code() {
      return quoted(cells.get(2));
    }

    List<String> tests() {
      return quoted(cells.get(3));
    }

    /** What does not depend on the language. */
    List<List<String>> facts() {
      return List.of(List.of(id), quoted(happening()), code(), tests());
    }
  }

  /** The boxes that are drawn, with their labels. */
  Map<String, String> boxes() {
    return BOX.matcher(drawings()).results()
        .collect(Collectors.toMap(box -> box.group(1), box -> box.group(2), ChartPage::twice, TreeMap::new));
  }

  List<Row> rows() {
    return ROW.matcher(text).results()
        .map(row -> new Row(row.group(1), cells(row.group(2)))).toList();
  }

  Map<String, String> labelsOfRows() {
    return rows().stream().collect(Collectors.toMap(Row::id, Row::label, ChartPage::twice, TreeMap::new));
  }

  /** The drawings without their words: boxes and arrows. */
  String shape() {
    return LABEL.matcher(drawings()).replaceAll("");
  }

  private String drawings() {
    return DRAWING.matcher(text).results().map(found -> found.group(1)).collect(Collectors.joining());
  }

  private static List<String> cells(String row) {
    return Stream.of(row.split("\\|", -1)).map(String::strip).toList();
  }

  private static List<String> quoted(String cell) {
    return CODE.matcher(cell).results().map(code -> code.group(1)).toList();
  }

  private static String twice(String one, String other) {
    throw new AssertionError("a box is there twice: " + one + ", " + other);
  }
}
