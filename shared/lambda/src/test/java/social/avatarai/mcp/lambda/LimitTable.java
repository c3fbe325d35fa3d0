package social.avatarai.mcp.lambda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The table of {@code docs/operations.md}, "Limits". */
final class LimitTable {
  static final Path PROJECT = Path.of("..", "..");
  private static final Pattern ROW = Pattern
      .compile("(?m)^\\| [^|]+ \\| ([^|]+) \\|(?: ([^|]*) )?\\| `(\\w+\\.[A-Z_]+)` \\|$");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private LimitTable() {}

  /**
   * A row.
   *
   * @param constant where the limit is in the code, such as {@code State.MAX_LENGTH}
   * @param value the limit as the page writes it, such as {@code 65,536}
   * @param beyond what happens beyond it; "" if the row does not say
   */
  record Row(String constant, String value, String beyond) {
    int number() {
      return Integer.parseInt(value.replace(",", ""));
    }

    /** The error codes that a caller can get. */
    List<String> codes() {
      return CODE.matcher(beyond).results().map(code -> code.group(1)).toList();
    }
  }

  static List<Row> rows() throws IOException {
    String page = Files.readString(PROJECT.resolve("docs/operations.md"));
    String limits = page.substring(page.indexOf("## Limits"), page.indexOf("## Restore"));
    return ROW.matcher(limits).results().map(row -> new Row(row.group(3), row.group(1),
        row.group(2) == null ? "" : row.group(2).strip())).toList();
  }

  static Row row(String constant) throws IOException {
    Map<String, Row> rows = rows().stream().collect(Collectors.toMap(Row::constant, row -> row));
    var row = rows.get(constant);
    if (row == null) throw new AssertionError("no row for " + constant);
    return row;
  }
}
