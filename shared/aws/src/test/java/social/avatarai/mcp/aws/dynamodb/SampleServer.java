package social.avatarai.mcp.aws.dynamodb;

import static java.nio.charset.StandardCharsets.UTF_8;

import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.McpServer.Status;
import social.avatarai.mcp.record.McpServer.Terms;
import social.avatarai.mcp.testkit.store.Samples;

/** A server with every value that a server may have. Its document is as long as the guide's. */
final class SampleServer {
  static final NegotiatedProtocol PROTOCOL = new NegotiatedProtocol("2025-11-25",
      new McpSessionId("invented-mcp-session"));
  private static final String DOCUMENT = """
      {"mcpId":"invented-server","name":"Invented Server","description":"An MCP server that nobody runs.",
       "type":"http","url":"https://mcp.example/mcp","args":null,"env":null,"enabled":true,"createdAt":1750771409}""";

  private SampleServer() {}

  static McpServer of(ConnectionKey key, String url) {
    var terms = new Terms(Scopes.parse("repo user"), Samples.ISSUER, new ClientId("client-1"),
        ClientAuthenticationMethod.CLIENT_SECRET_BASIC, true);
    return new McpServer(key, new EndpointUrl(url), true, terms, Status.DISCONNECTED,
        Json.object(DOCUMENT.getBytes(UTF_8)).orElseThrow(), PROTOCOL);
  }
}
