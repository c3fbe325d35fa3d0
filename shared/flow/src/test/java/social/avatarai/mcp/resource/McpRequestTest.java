package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Answers;

class McpRequestTest {

  @Test
  void isAJsonRpcMessage() {
    var request = new McpRequest("tools/call", Answers.object("{'name':'search','arguments':{'q':'x'}}"));

    assertThat(request.message("id-1")).isEqualTo(Answers.object("{'jsonrpc':'2.0','method':'tools/call',"
        + "'params':{'name':'search','arguments':{'q':'x'}},'id':'id-1'}"));
  }

  @Test
  void leavesOutParametersThatItHasNot() {
    assertThat(new McpRequest("ping", null).message("id-1"))
        .isEqualTo(Answers.object("{'jsonrpc':'2.0','method':'ping','id':'id-1'}"));
  }

  @Test
  void hasNoIdAsANotification() {
    assertThat(new McpRequest("notifications/initialized", null).notification())
        .isEqualTo(Answers.object("{'jsonrpc':'2.0','method':'notifications/initialized'}"));
  }

  @Test
  void beginsAHandshakeWithTheNewestVersionThatHasOneAndDeclaresNothing() {
    assertThat(McpRequest.initialize().message("id-1")).isEqualTo(Answers.object("{'jsonrpc':'2.0',"
        + "'method':'initialize','params':{'protocolVersion':'2025-11-25','capabilities':{},"
        + "'clientInfo':{'name':'mcp-oauth-client','version':'0.1.0'}},'id':'id-1'}"));
  }

  @Test
  void hasIdsThatNobodyGuesses() {
    assertThat(Stream.generate(McpRequest::freshId).limit(1000).collect(Collectors.toSet())).hasSize(1000)
        .allSatisfy(id -> assertThat(id).matches("[A-Za-z0-9_-]{43}"));
  }
}
