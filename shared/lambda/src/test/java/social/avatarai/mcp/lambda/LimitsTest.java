package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;

/** {@code docs/operations.md} lists every limit of the code with its value: one place for each number, and one list of all. */
class LimitsTest {
  private static final Pattern CONSTANT = Pattern
      .compile("\\b(?:int|long|Duration) ((?:MAX|MIN)_[A-Z_]+|[A-Z_]*LIFE|SHARDS) = ([^;]+);");
  private static final Pattern DURATION = Pattern
      .compile("Duration\\.of(Days|Hours|Minutes|Seconds|Millis)\\((\\d+)\\)");
  private static final Map<String, String> UNITS = Map.of("Days", "days", "Hours", "h", "Minutes", "min", "Seconds",
      "s",
      "Millis", "ms");

  @Test
  void everyLimitIsListedWithItsValue() throws IOException {
    assertThat(listed()).isEqualTo(ofTheCode()).hasSizeGreaterThan(50);
  }

  @Test
  void everyLimitSaysWhatHappensBeyondIt() throws IOException {
    assertThat(LimitTable.rows()).allSatisfy(row -> assertThat(row.beyond()).as(row.constant()).isNotBlank());
  }

  @Test
  void everyCodeBeyondALimitIsAnErrorCode() throws IOException {
    var codes = Arrays.stream(ErrorCode.values()).map(ErrorCode::wireName).toList();
    assertThat(LimitTable.rows().stream().flatMap(row -> row.codes().stream()).distinct().toList())
        .isSubsetOf(codes).hasSizeGreaterThan(10);
  }

  private static Map<String, String> listed() throws IOException {
    return LimitTable.rows().stream()
        .collect(Collectors.toMap(LimitTable.Row::constant, LimitTable.Row::value, (a, _) -> a, TreeMap::new));
  }

  private static Map<String, String> ofTheCode() throws IOException {
    var limits = new TreeMap<String, String>();
    for (String modules : new String[]{"shared", "functions"}) {
      try (var files = Files.walk(LimitTable.PROJECT.resolve(modules))) {
        for (var file : files.filter(LimitsTest::isMainSource).toList())
          limits.putAll(in(file));
      }
    }
    return limits;
  }

  private static boolean isMainSource(Path file) {
    String path = file.toString().replace('\\', '/');
    return path.endsWith(".java") && path.contains("/src/main/") && !path.contains("/testkit/");
  }

  private static Map<String, String> in(Path file) throws IOException {
    String type = String.valueOf(file.getFileName()).replace(".java", "");
    return CONSTANT.matcher(Files.readString(file)).results()
        .collect(Collectors.toMap(found -> type + "." + found.group(1), found -> shown(found.group(2))));
  }

  /** As the page writes it: {@code 64 * 1024} is 65,536. */
  private static String shown(String expression) {
    var duration = DURATION.matcher(expression);
    if (duration.matches()) return duration.group(2) + " " + UNITS.get(duration.group(1));
    long product = Stream.of(expression.replace("_", "").split("\\*"))
        .mapToLong(factor -> Long.parseLong(factor.strip()))
        .reduce(1, Math::multiplyExact);
    return String.format(Locale.ROOT, "%,d", product);
  }
}
