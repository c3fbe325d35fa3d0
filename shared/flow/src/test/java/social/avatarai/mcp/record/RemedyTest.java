package social.avatarai.mcp.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/** Where this service adds no remedy to the text of a failure, the text itself says what to do. */
class RemedyTest {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Pattern INSTRUCTION = Pattern
      .compile("(?i)\\b(connect|disconnect|start|enter|import|name|use|give|"
          + "read|must be|ISSUER_BINDINGS)\\b");
  private static final String TEXT = "\"(?:[^\"\\\\]|\\\\.)*+\"";
  /** A text, a branch, or what follows the branches. */
  private static final Pattern PART = Pattern.compile(TEXT + "|\\s[?:]\\s|\\)\\s*\\+");

  @ParameterizedTest
  @EnumSource(names = {"ACCOUNT_CHANGED", "AUTHORIZATION_DENIED", "CHANGED_MEANWHILE", "CREDENTIALS_REFUSED",
      "FOREIGN_ISSUER", "ISSUER_CONFLICT", "ISSUER_REQUIRED", "SERVER_CHANGED", "TOKEN_REJECTED_BY_RESOURCE",
      "UNSUPPORTED_TRANSPORT"})
  void everyTextOfACodeWithoutARemedySaysWhatToDo(ErrorCode code) throws IOException {
    assertThat(Remedy.of(new Failure.BadRequest(code, "Text."))).as("no remedy is added").isEqualTo("Text.");
    assertThat(textsOf(code)).isNotEmpty().allSatisfy(text -> assertThat(text).containsPattern(INSTRUCTION));
  }

  private static List<String> textsOf(ErrorCode code) throws IOException {
    var failure = Pattern.compile("ErrorCode\\." + code.name() + ",((?:" + TEXT + "|[^;\"])*+);");
    var texts = new ArrayList<String>();
    try (var files = Files.walk(SOURCES)) {
      for (var file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        failure.matcher(Files.readString(file)).results().forEach(found -> texts.addAll(alternatives(found.group(1))));
      }
    }
    return texts;
  }

  /** The texts of an expression with one {@code condition ? … : …} at most. */
  private static List<String> alternatives(String expression) {
    var first = new StringBuilder();
    var second = new StringBuilder();
    var into = List.of(first, second);
    for (var part : PART.matcher(expression).results().map(found -> found.group().strip()).toList()) {
      if (part.equals("?")) into = List.of(first);
      else if (part.equals(":")) into = List.of(second);
      else if (part.startsWith(")")) into = List.of(first, second);
      else
        into.forEach(text -> text.append(part, 1, part.length() - 1));
    }
    return List.of(first.toString(), second.toString());
  }
}
