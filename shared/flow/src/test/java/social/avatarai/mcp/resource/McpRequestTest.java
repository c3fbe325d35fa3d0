package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.ProtocolVersion;
import social.avatarai.mcp.http.Json;

class McpRequestTest {
  private static final long ID = 9007199254740991L;

  @Test
  void isAJsonRpcMessage() {
    var request = new McpRequest("tools/call", HttpResponses.object("{'name':'search','arguments':{'q':'x'}}"));

    assertThat(request.message(ID)).isEqualTo(HttpResponses.object("{'jsonrpc':'2.0','method':'tools/call',"
        + "'params':{'name':'search','arguments':{'q':'x'}},'id':9007199254740991}"));
  }

  @Test
  void leavesOutParametersThatItHasNot() {
    assertThat(new McpRequest("ping", null).message(ID))
        .isEqualTo(HttpResponses.object("{'jsonrpc':'2.0','method':'ping','id':9007199254740991}"));
  }

  @Test
  void hasNoIdAsANotification() {
    assertThat(new McpRequest("notifications/initialized", null).notification())
        .isEqualTo(HttpResponses.object("{'jsonrpc':'2.0','method':'notifications/initialized'}"));
  }

  @Test
  void beginsAHandshakeWithTheNewestLegacyVersionAndDeclaresNothing() {
    assertThat(McpRequest.initialize(ProtocolVersion.NEWEST_LEGACY, Elicitation.NONE).message(ID))
        .isEqualTo(HttpResponses.object("{'jsonrpc':'2.0',"
            + "'method':'initialize','params':{'protocolVersion':'2025-11-25','capabilities':{},"
            + "'clientInfo':{'name':'mcp-oauth-client','version':'0.1.0'}},'id':9007199254740991}"));
  }

  @Test
  void hasIntegersForIdsThatCannotBeGuessedAndThatEveryReaderKeeps() {
    assertThat(Stream.generate(McpRequest::freshId).limit(1000).collect(Collectors.toSet())).hasSize(1000)
        .allSatisfy(id -> assertThat(id).isBetween(1L, (1L << 53) - 1))
        .anySatisfy(id -> assertThat(id).isGreaterThan(1L << 51));
  }

  @Test
  void declaresElicitationWhereTheCallerAllowsIt() {
    assertThat(McpRequest.initialize(ProtocolVersion.NEWEST_LEGACY, Elicitation.DEFAULTS).message(ID).path("params")
        .path("capabilities"))
        .isEqualTo(HttpResponses.object("{'elicitation':{}}"));
  }

  @Test
  void saysEverythingInEachRequestOfTheModernProtocol() {
    var request = new McpRequest("tools/call", HttpResponses.object("{'name':'search','_meta':{'progressToken':1}}"));

    assertThat(request.selfContained(ProtocolVersion.MODERN).params())
        .isEqualTo(HttpResponses.object("{'name':'search','_meta':{'progressToken':1,"
            + "'io.modelcontextprotocol/protocolVersion':'2026-07-28',"
            + "'io.modelcontextprotocol/clientInfo':{'name':'mcp-oauth-client','version':'0.1.0'},"
            + "'io.modelcontextprotocol/clientCapabilities':{}}}"));
    assertThat(request.params()).as("the request itself is left alone")
        .isEqualTo(HttpResponses.object("{'name':'search','_meta':{'progressToken':1}}"));
  }

  @Test
  void leavesTheCallersOwnCapabilitiesAndNotItsVersion() {
    var own = HttpResponses.object("{'_meta':{'io.modelcontextprotocol/protocolVersion':'1900-01-01',"
        + "'io.modelcontextprotocol/clientCapabilities':{'sampling':{}}}}");
    var meta = new McpRequest("tools/call", own, Elicitation.DEFAULTS).selfContained(ProtocolVersion.MODERN)
        .message(ID).path("params")
        .path("_meta");

    assertThat(meta.path("io.modelcontextprotocol/protocolVersion").asText()).isEqualTo("2026-07-28");
    assertThat(meta.path("io.modelcontextprotocol/clientCapabilities"))
        .isEqualTo(HttpResponses.object("{'sampling':{},'elicitation':{}}"));
  }

  @Test
  void goesOnWithTheServersStateAsItCame() {
    var request = new McpRequest("tools/call", HttpResponses.object("{'name':'a','requestState':'old'}"));
    var responses = HttpResponses.object("{'sure':{'action':'accept'}}");

    assertThat(request.continued(responses, new TextNode("{ \"n\" :1}")).params()).isEqualTo(HttpResponses.object(
        "{'name':'a','requestState':'{ \\'n\\' :1}','inputResponses':{'sure':{'action':'accept'}}}"));
    assertThat(request.continued(responses, MissingNode.getInstance()).params())
        .isEqualTo(HttpResponses.object("{'name':'a','inputResponses':{'sure':{'action':'accept'}}}"));
    assertThat(request.continued(Json.newObject(), new TextNode("s")).params())
        .isEqualTo(HttpResponses.object("{'name':'a','requestState':'s'}"));
  }

  @Test
  void namesWhatItIsAbout() {
    assertThat(new McpRequest("tools/call", HttpResponses.object("{'name':'a'}")).subject()).isEqualTo("a");
    assertThat(new McpRequest("prompts/get", HttpResponses.object("{'name':'b'}")).subject()).isEqualTo("b");
    assertThat(new McpRequest("resources/read", HttpResponses.object("{'uri':'c:d'}")).subject()).isEqualTo("c:d");
    for (String method : List.of("tasks/get", "tasks/update", "tasks/cancel"))
      assertThat(new McpRequest(method, HttpResponses.object("{'taskId':'e'}")).subject()).isEqualTo("e");
    assertThat(new McpRequest("tools/list", HttpResponses.object("{'name':'a'}")).subject()).isEmpty();
    assertThat(new McpRequest("tools/call", null).subject()).isEmpty();
  }
}
