package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/api.md} lists every route of the template, {@code docs/settings.md} every setting, in both languages. */
class ReferencePagesTest {
  private static final Path TEMPLATE = Path.of("..", "template.yaml");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern PATH = Pattern.compile("(?:[A-Z]+ )?(/api\\S+|…/\\S+)");

  /** The first cells of the table rows of a page. */
  private static Stream<String> firstCells(String page) throws IOException {
    return Files.readAllLines(Path.of("..", "docs", page)).stream().filter(line -> line.startsWith("| "))
        .map(line -> line.split("\\|", -1)[1]);
  }

  private static List<String> codeIn(String text) {
    return CODE.matcher(text).results().map(code -> code.group(1)).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"api.md", "api.zh-CN.md"})
  void everyRouteHasARowThatSaysWhetherItIsPublic(String page) throws IOException {
    var listed = new TreeSet<String>();
    firstCells(page).forEach(cell -> {
      String mark = cell.contains("*public*") || cell.contains("（公开）") ? " public" : "";
      codeIn(cell).forEach(code -> PATH.matcher(code).results()
          .forEach(path -> listed.add(path.group(1).replaceFirst("^…", "/api/mcp/oauth") + mark)));
    });
    var real = new TreeSet<String>();
    for (var route : Template.read(TEMPLATE).routes()) {
      String path = route.path().replace("client-metadata/{document}", "client-metadata/{context}.json");
      real.add(path + (route.isPublic() ? " public" : ""));
    }
    assertThat(listed).isEqualTo(real);
  }

  @ParameterizedTest
  @ValueSource(strings = {"settings.md", "settings.zh-CN.md"})
  void everyParameterAndVariableOfTheTemplateHasARow(String page) throws IOException {
    JsonNode template = new ObjectMapper(new YAMLFactory()).readTree(TEMPLATE.toFile());
    Set<String> names = new TreeSet<>(Template.read(TEMPLATE).settings().keySet());
    template.path("Parameters").fieldNames().forEachRemaining(names::add);
    template.path("Resources").forEach(resource -> resource.path("Properties").path("Environment").path("Variables")
        .fieldNames().forEachRemaining(names::add));
    var listed = new TreeSet<String>();
    for (String line : Files.readAllLines(Path.of("..", "docs", page))) {
      if (!line.startsWith("| ")) continue;
      var cells = line.split("\\|", -1);
      listed.addAll(codeIn(cells[1] + cells[2]));
    }
    assertThat(listed).containsAll(names);
  }
}
