package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.HttpResponses;

class ToolHeadersTest {
  private static final ObjectNode REGION = HttpResponses.object("{'region':'eu'}");

  private static ObjectNode tool(String properties) {
    return HttpResponses.object("{'name':'t','inputSchema':{'type':'object','properties':{" + properties + "}}}");
  }

  private static ToolHeaders headers(String properties) {
    return ToolHeaders.of(tool(properties)).orElseThrow();
  }

  @Test
  void repeatsTheArgumentsThatAreAnnotated() {
    var headers = headers("'region':{'type':'string','x-mcp-header':'Region'},'query':{'type':'string'}");

    assertThat(headers.values(HttpResponses.object("{'region':'us-west1','query':'SELECT 1'}")))
        .isEqualTo(Map.of("Mcp-Param-Region", "us-west1"));
  }

  @Test
  void findsAnnotationsWithinObjects() {
    var headers = headers("'a':{'type':'object','properties':{'b':{'type':'boolean','x-mcp-header':'B'}}}");

    assertThat(headers.values(HttpResponses.object("{'a':{'b':false}}"))).isEqualTo(Map.of("Mcp-Param-B", "false"));
    assertThat(headers.values(HttpResponses.object("{'a':'no object'}"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"42,42", "42.0,42", "-7,-7", "9007199254740991,9007199254740991", "true,true", "'\"\"',''",
      "1e3,1000", "1.5,1.5"})
  void writesValuesAsTheSpecificationSays(String json, String header) {
    var headers = headers("'v':{'type':'string','x-mcp-header':'V'}");

    assertThat(headers.values(HttpResponses.object("{'v':" + json.replace('"', '\'') + "}")))
        .isEqualTo(Map.of("Mcp-Param-V", header));
  }

  @Test
  void makesNoHeaderOfAMillionDigits() {
    var headers = headers("'v':{'type':'integer','x-mcp-header':'V'}");

    assertThat(headers.values(HttpResponses.object("{'v':1e999999}")).get("Mcp-Param-V")).hasSizeLessThan(40);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'region':null}", "{'region':{}}", "{'region':['a']}"})
  void hasNoHeaderWithoutAValue(String arguments) {
    var headers = headers("'region':{'type':'string','x-mcp-header':'Region'}");

    assertThat(headers.values(HttpResponses.object(arguments))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"'a':{'type':'string','x-mcp-header':''}", "'a':{'type':'string','x-mcp-header':7}",
      "'a':{'type':'string','x-mcp-header':null}", "'a':{'type':'object','x-mcp-header':'A'}",
      "'a':{'type':'array','x-mcp-header':'A'}", "'a':{'type':'null','x-mcp-header':'A'}",
      "'a':{'type':'number','x-mcp-header':'A'}", "'a':{'x-mcp-header':'A'}",
      "'a':{'type':['string','integer'],'x-mcp-header':'A'}",
      "'a':{'type':'string','x-mcp-header':'A'},'b':{'type':'string','x-mcp-header':'A'}",
      "'a':{'type':'string','x-mcp-header':'My'},'b':{'type':'string','x-mcp-header':'mY'}",
      "'a':{'type':'string','x-mcp-header':'My Region'}", "'a':{'type':'string','x-mcp-header':'A:B'}",
      "'a':{'type':'string','x-mcp-header':'Région'}", "'a':{'type':'string','x-mcp-header':'A\\t1'}",
      "'a':{'type':'string','x-mcp-header':'A\\r\\nB'}",
      "'a':{'type':'array','items':{'type':'string','x-mcp-header':'A'}}",
      "'a':{'anyOf':[{'type':'string','x-mcp-header':'A'}]}", "'a':{'not':{'type':'string','x-mcp-header':'A'}}",
      "'a':{'if':{'properties':{'b':{'type':'string','x-mcp-header':'A'}}}}",
      "'a':{'$defs':{'b':{'type':'string','x-mcp-header':'A'}}}",
      "'a':{'additionalProperties':{'type':'string','x-mcp-header':'A'}}"})
  void refusesAToolWhoseAnnotationsBreakARule(String properties) {
    assertThat(ToolHeaders.of(tool(properties))).isEmpty();
  }

  @Test
  void refusesAnAnnotatedSchemaItself() {
    assertThat(ToolHeaders.of(HttpResponses.object("{'inputSchema':{'type':'string','x-mcp-header':'A'}}"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"'x-mcp-header':{'type':'string'}", "'a':{'type':'string','default':{'x-mcp-header':''}}",
      "'a':{'enum':[{'x-mcp-header':''}]}", "'a':true", "'a':{'items':[true,false]}", ""})
  void takesDataThatOnlyLooksLikeAnAnnotation(String properties) {
    assertThat(headers(properties).values(REGION)).isEmpty();
  }

  @Test
  void takesNullBesideTheOneType() {
    assertThat(headers("'region':{'type':['string','null'],'x-mcp-header':'Region'}").values(REGION))
        .isEqualTo(Map.of("Mcp-Param-Region", "eu"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{'inputSchema':null}", "{'inputSchema':[]}", "{'inputSchema':'x-mcp-header'}"})
  void takesAToolWithoutASchema(String tool) {
    assertThat(ToolHeaders.of(HttpResponses.object(tool))).contains(ToolHeaders.none());
  }

  @Test
  void refusesAToolWithMoreHeadersThanARequestCarries() {
    var many = IntStream.range(0, 33).mapToObj(i -> "'a" + i + "':{'type':'string','x-mcp-header':'A" + i + "'}")
        .collect(Collectors.joining(","));
    assertThat(ToolHeaders.of(tool(many))).isEmpty();
    assertThat(ToolHeaders.of(tool("'" + "a".repeat(3000) + "':{'type':'string','x-mcp-header':'A'}"))).isEmpty();
  }
}
