package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page for developers of apps and its translation show the same commands, requests and responses. */
class ApiPagesTest {
  /** Indented lines after an empty one, or a fenced block. */
  private static final Pattern CODE = Pattern.compile("(?m)(?<=\\n\\n)(?: {4}.*\\n)+|^```\\w*\\n(?s:.*?)^```$");

  private static List<String> codeOf(String page) throws IOException {
    return CODE.matcher(Files.readString(LimitTable.PROJECT.resolve("docs").resolve(page))).results()
        .map(MatchResult::group).toList();
  }

  @Test
  void bothPagesPrintTheSameCode() throws IOException {
    assertThat(codeOf("api.zh-CN.md")).isEqualTo(codeOf("api.md")).hasSizeGreaterThan(3)
        .anySatisfy(commands -> assertThat(commands).contains("docs/examples/servers.json", "jq -S"));
  }
}
