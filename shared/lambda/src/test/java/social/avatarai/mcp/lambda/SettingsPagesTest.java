package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/settings.md} has every setting of the template; {@code TranslatedPagesTest} holds the Chinese page to it. */
class SettingsPagesTest {
  private static final Pattern PARAMETER = Pattern.compile("(?m)^  ([A-Z]\\w+):\\n    Type: (?:String|Number)\\n");
  private static final Pattern VARIABLE = Pattern.compile("(?m)^ {8,10}([A-Z][A-Z0-9_]+): ");

  private static Set<String> named() throws IOException {
    return MarkdownText.tables(MarkdownPage.read("docs/settings.md").lines()).stream().flatMap(List::stream)
        .flatMap(row -> row.stream().limit(2)).flatMap(MarkdownText::code).collect(Collectors.toSet());
  }

  private static List<String> inTheTemplate(Pattern pattern) throws IOException {
    var template = Files.readString(LimitTable.PROJECT.resolve("template.yaml"));
    return pattern.matcher(template).results().map(found -> found.group(1)).toList();
  }

  @Test
  void everyParameterOfTheTemplateHasARow() throws IOException {
    assertThat(inTheTemplate(PARAMETER)).hasSizeGreaterThan(30);
    assertThat(inTheTemplate(PARAMETER)).allMatch(named()::contains);
  }

  @Test
  void everyVariableOfAFunctionHasARow() throws IOException {
    assertThat(inTheTemplate(VARIABLE)).hasSizeGreaterThan(30);
    assertThat(inTheTemplate(VARIABLE)).allMatch(named()::contains);
  }
}
