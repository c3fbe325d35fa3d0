package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;

/** The pages for developers of apps list every error, with what an app does on it, every word of a state, and every warning. */
class ErrorPagesTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d{3}) \\| `(\\w+)` \\| [^|]+ \\| [^|]+ \\|$");

  @ParameterizedTest
  @ValueSource(strings = {"api.md", "api.zh-CN.md"})
  void everyErrorIsListedWithItsStatusAndWithWhatAnAppDoes(String page) throws IOException {
    String text = Files.readString(Path.of("..", "..", "docs", page));
    Map<String, Integer> listed = ROW.matcher(text).results().collect(
        Collectors.toMap(row -> row.group(2), row -> Integer.valueOf(row.group(1)), (a, _) -> a, TreeMap::new));
    Map<String, Integer> real = Stream.of(ErrorCode.values())
        .collect(Collectors.toMap(ErrorCode::wireName, HttpStatus::of, (a, _) -> a, TreeMap::new));
    assertThat(listed).isEqualTo(real);
  }

  @ParameterizedTest
  @ValueSource(strings = {"api.md", "api.zh-CN.md"})
  void everyStatusAndCauseOfAConnectionIsListed(String page) throws IOException {
    String text = Files.readString(Path.of("..", "..", "docs", page));
    var words = Stream.of(Stream.of(Status.values()).map(Status::wireName),
        Stream.of(ConnectionView.Cause.values()).map(ConnectionView.Cause::wireName),
        Stream.of(GrantState.Cause.values()).map(GrantState.Cause::wireName)).flatMap(Function.identity());
    assertThat(words).allSatisfy(word -> assertThat(text).contains("\n| `" + word + "` | "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"api.md", "api.zh-CN.md"})
  void everyWarningIsListed(String page) throws IOException {
    String text = Files.readString(Path.of("..", "..", "docs", page));
    assertThat(Grant.Warning.values())
        .allSatisfy(warning -> assertThat(text).contains("\n| `" + warning.wireName() + "` | "));
  }
}
