package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantState;

/** {@code docs/api.md} has every route, error code, warning and cause; {@code TranslatedPagesTest} holds the Chinese page to it. */
class ApiPagesTest {
  private static final Pattern ROUTE = Pattern.compile("(?m)^ +Method: (\\w+)\\n +Path: (\\S+)$");
  private static final Pattern METHOD = Pattern.compile("GET|POST|PUT|DELETE");
  private static final Pattern STATUS = Pattern.compile("\\d{3}");
  private static final Pattern CODE = Pattern.compile("`(\\w+)`");
  /** These two have a table of their own. */
  private static final Set<String> OF_MCP_CLIENTS = Set.of("GET /api/mcp/servers/{mcpId}/mcp",
      "DELETE /api/mcp/servers/{mcpId}/mcp");

  private static Stream<List<String>> rows() throws IOException {
    return MarkdownText.tables(MarkdownPage.read("docs/api.md").lines()).stream().flatMap(List::stream);
  }

  private static Set<String> firstCells() throws IOException {
    return rows().map(row -> row.getFirst().replace("`", "")).collect(Collectors.toSet());
  }

  @Test
  void everyErrorCodeHasOneRowWithItsStatus() throws IOException {
    Map<String, String> said = new TreeMap<>();
    for (var row : rows().filter(row -> STATUS.matcher(row.getFirst()).matches()).toList()) {
      var code = CODE.matcher(row.get(1));
      if (code.matches()) assertThat(said.put(code.group(1), row.getFirst())).as(code.group(1)).isNull();
    }
    assertThat(said).isEqualTo(Stream.of(ErrorCode.values())
        .collect(Collectors.toMap(ErrorCode::wireName, code -> String.valueOf(HttpStatus.of(code)))));
  }

  @Test
  void everyWarningHasARow() throws IOException {
    var cells = firstCells();
    assertThat(Grant.Warning.values()).extracting(Grant.Warning::wireName).allMatch(cells::contains);
  }

  @Test
  void everyCauseHasARow() throws IOException {
    var cells = firstCells();
    assertThat(GrantState.Cause.values()).extracting(GrantState.Cause::wireName).allMatch(cells::contains);
  }

  @Test
  void everyRouteOfTheTemplateHasARow() throws IOException {
    var template = Files.readString(LimitTable.PROJECT.resolve("template.yaml"));
    var routes = ROUTE.matcher(template).results()
        .map(route -> route.group(1) + " " + route.group(2).replace("{document}", "{context}.json"))
        .filter(route -> !OF_MCP_CLIENTS.contains(route)).toList();
    var listed = rows().flatMap(row -> routes(row.getFirst()).stream()).collect(Collectors.toSet());
    assertThat(routes).hasSizeGreaterThan(20).allMatch(listed::contains);
  }

  /** {@code GET, PUT /a/b, …/c} is GET and PUT of {@code /a/b} and {@code /a/c}. */
  private static List<String> routes(String cell) {
    var methods = new ArrayList<String>();
    var routes = new ArrayList<String>();
    String path = "";
    for (String word : cell.replace("`", "").split("[ ,]+")) {
      if (METHOD.matcher(word).matches()) methods.add(word);
      else if (word.startsWith("/") || word.startsWith("…/")) {
        path = word.startsWith("/") ? word : path.substring(0, path.lastIndexOf('/')) + word.substring(1);
        for (String method : methods)
          routes.add(method + " " + path);
      }
    }
    return routes;
  }

  @Test
  void routesAreReadFromACell() {
    assertThat(routes("`GET`, `PUT /a/{b}`, `…/c.json` *public*")).containsExactly("GET /a/{b}", "PUT /a/{b}",
        "GET /a/c.json", "PUT /a/c.json");
    assertThat(routes("`not_found`")).isEmpty();
  }
}
