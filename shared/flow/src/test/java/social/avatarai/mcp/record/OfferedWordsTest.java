package social.avatarai.mcp.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.HttpResponses.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.http.Json;

class OfferedWordsTest {
  private static final EndpointUrl SERVER = new EndpointUrl("https://mcp.example/mcp?api_key=invented-key");

  private static OfferedWords words(String description, Map<OfferKind, ListedItems> lists) {
    return OfferedWords.of(SERVER, object(description), lists);
  }

  private static OfferedWords tools(List<JsonNode> tools) {
    return words("{'version':'2025-11-25','capabilities':{'tools':{}}}",
        Map.of(OfferKind.TOOLS, new ListedItems(tools, false)));
  }

  private static JsonNode tool(String name, String description) {
    return Json.newObject().put("name", name).put("description", description);
  }

  @Test
  void keepsTheDescriptionAndTheLists() {
    var words = words("""
        {'version':'2025-11-25','serverInfo':{'name':'s'},'instructions':'Ask.','capabilities':{'tools':{'x':1}}}""",
        Map.of(OfferKind.TOOLS, new ListedItems(List.of(tool("echo", "Repeats.")), true)));
    assertThat(words.about())
        .isEqualTo(object("{'protocolVersion':'2025-11-25','capabilities':{'tools':{'x':1}},'instructions':'Ask.'}"));
    assertThat(words.lists())
        .isEqualTo(object("{'tools':{'items':[{'name':'echo','description':'Repeats.'}],'truncated':true}}"));
  }

  @Test
  void keepsNoSecretOfTheInvocation() throws Exception {
    InvocationSecrets.during(() -> {
      String token = new AccessToken("invented-access-token").reveal();
      var words = words("{'version':'" + token + "','instructions':'" + token + "','capabilities':{'" + token
          + "':{'a':'" + token + "'}}}",
          Map.of(OfferKind.TOOLS, new ListedItems(List.of(tool(token, "Bearer " + token)), false)));
      assertThat(words.about().toString() + words.lists() + words.tools()).doesNotContain(token).contains("[token]");
      return true;
    });
  }

  /** A result to the caller may name the session, because some servers have tools that take it. What is stored may not. */
  @Test
  void keepsNoSessionIdThatTheServerRepeats() throws Exception {
    InvocationSecrets.during(() -> {
      String session = new McpSessionId("invented-mcp-session").reveal();
      var words = words("{'version':'2025-11-25','instructions':'Your session is " + session + ".','capabilities':{}}",
          Map.of(OfferKind.TOOLS, new ListedItems(List.of(tool("echo", "In " + session)), false)));
      assertThat(words.about().toString() + words.lists() + words.tools()).doesNotContain(session).contains("[token]");
      return true;
    });
  }

  @Test
  void keepsNoQueryOfTheServersUrl() {
    var words = words("{'version':'2025-11-25','instructions':'Call " + SERVER.value() + "','capabilities':{}}",
        Map.of(OfferKind.RESOURCES, new ListedItems(List.of(Json.newObject().put("uri", SERVER.value())), false)));
    assertThat(words.about().toString() + words.lists()).doesNotContain("invented-key").contains("https://mcp.example");
  }

  @Test
  void cutsTheListsAtTheirSizeAndStillKnowsAllTools() {
    var words = tools(IntStream.range(0, 300).mapToObj(i -> tool("tool-" + i, "中".repeat(300))).toList());
    assertThat(words.lists().toString().getBytes(UTF_8).length).isBetween(120 * 1024, 128 * 1024 + 100);
    assertThat(words.lists().at("/tools/truncated").asBoolean()).isTrue();
    assertThat(words.tools().byName()).hasSize(300);
    assertThat(words.tools().partial()).isFalse();
  }

  @Test
  void aToolThatFillsTheSizeLeavesNoRoomAndHidesNoTool() {
    var words = tools(List.of(tool("huge", "x".repeat(200 * 1024)), tool("small", "")));
    assertThat(words.lists().at("/tools/items")).isEmpty();
    assertThat(words.lists().at("/tools/truncated").asBoolean()).isTrue();
    assertThat(words.tools().byName()).containsOnlyKeys("huge", "small");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      {'tools':{'tools':['forged'],'truncated':true,'listChanged':true}} | {'tools':{'listChanged':true}}
      {'tools':true,'resources':null,'logging':{}}                       | {'tools':{},'logging':{}}
      {'tools':{'headers':{'a':'b'}},'logging':{}}                       | {'tools':{}}
      []                                                                 | {}
      null                                                               | {}
      """)
  void keepsOnlyCapabilitiesThatARecordCanHave(String declared, String kept) {
    assertThat(words("{'version':'2025-11-25','capabilities':" + declared + "}", Map.of()).about().path("capabilities"))
        .isEqualTo(object(kept));
  }

  @Test
  void cutsTheRestOfTheDescription() {
    var about = words("{'version':'" + "v".repeat(9999) + "','instructions':'" + "i".repeat(99_999)
        + "','capabilities':{'tools':{},'experimental':{'x':'" + "e".repeat(99_999) + "'}}}", Map.of()).about();
    assertThat(about.path("protocolVersion").asText()).hasSize(65);
    assertThat(about.path("instructions").asText()).hasSize(8 * 1024 + 1);
    assertThat(about.path("capabilities")).isEqualTo(object("{'tools':{}}"));
  }

  @Test
  void whatIsNoObjectIsLeftOut() {
    assertThat(tools(List.of(Json.newObject().textNode("text"), tool("echo", ""))).lists().at("/tools/items"))
        .hasSize(1);
  }
}
