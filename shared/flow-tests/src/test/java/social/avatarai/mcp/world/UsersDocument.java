package social.avatarai.mcp.world;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.StreamSupport;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.server.ServerImport;
import social.avatarai.mcp.testkit.FakeProvider;
import social.avatarai.mcp.token.Tokens;

/** A document in the shape of the user's own, with three servers in front of Notion, GitHub and X. */
public final class UsersDocument {
  private static final String NO_TIME = "0001-01-01T00:00:00Z";

  /** Without the endpoints' ports and the tokens, which the world fills in. All secrets are invented. */
  private static final String DOCUMENT = """
      {"servers":[
       {"mcpId":"notion-mcp","userId":"OWNER","isBuiltin":false,"name":"Notion MCP Server",
        "description":"Pages and databases","about":"","icon":"","schema":"","schemaKind":"",
        "endpoint":{"type":"streamableHttp","command":"","args":null,"env":null,"url":"","headers":{}},
        "version":"1.2.0","protocolVersion":"1.0.0","capabilities":{},"instructions":null,"author":"AvatarAI",
        "authorization":{"method":"oauth2","status":"active","scopes":"",
         "config":{"client_id":"CLIENT","client_secret":"SECRET","redirect_uri":"CALLBACK"},
         "credentials":{"access_token":"","expires_at":"","expires_in":0,"refresh_token":"","scope":"",
          "token_type":"bearer"},"expireAt":-62135596800},
        "status":"connected","error":null,"enabled":true,"syncResources":false,
        "createdAt":1750771409,"updatedAt":1750772959,"lastSyncResourcesAt":0},
       {"mcpId":"github-mcp","userId":"OWNER","isBuiltin":false,"name":"GitHub MCP Server",
        "description":"Repositories","about":"","icon":"","schema":"","schemaKind":"",
        "endpoint":{"type":"streamableHttp","command":"","args":null,"env":null,"url":"","headers":{}},
        "version":"1.2.0","protocolVersion":"1.0.0","capabilities":{},"instructions":null,"author":"AvatarAI",
        "authorization":{"method":"oauth2","status":"active","scopes":"",
         "config":{"client_id":"CLIENT","client_secret":"SECRET","redirect_uri":"CALLBACK"},
         "credentials":{"access_token":"","expires_at":"","expires_in":0,"refresh_token":"","scope":"",
          "token_type":"bearer"},"expireAt":-62135596800},
        "status":"connected","error":null,"enabled":true,"syncResources":false,
        "createdAt":1750771410,"updatedAt":1750772960,"lastSyncResourcesAt":0,"ours":{"kept":[1,null,{"x":""}]}},
       {"mcpId":"twitter-mcp","userId":"OWNER","isBuiltin":false,"name":"X MCP Server",
        "description":"Posts","about":"","icon":"","schema":"","schemaKind":"",
        "endpoint":{"type":"streamableHttp","command":"","args":null,"env":null,"url":"","headers":{}},
        "version":"1.2.0","protocolVersion":"1.0.0","capabilities":null,"instructions":null,"author":"AvatarAI",
        "authorization":{"method":"oauth2","status":"active","scopes":"tweet.read users.read offline.access",
         "config":{"client_id":"CLIENT","client_secret":"SECRET","redirect_uri":"CALLBACK"},
         "credentials":{"access_token":"","expires_at":"","expires_in":0,"refresh_token":"","scope":"",
          "token_type":"bearer"},"expireAt":-62135596800},
        "status":"connected","error":null,"enabled":true,"syncResources":false,
        "createdAt":1750771411,"updatedAt":1750772961,"lastSyncResourcesAt":0}]}""";

  private UsersDocument() {}

  /** The document without tokens. */
  public static ObjectNode withoutTokens(ThreeProviders providers) {
    var document = read(DOCUMENT.replace("OWNER", ThreeProviders.OWNER.user().value())
        .replace("CLIENT", ProviderWorld.CLIENT).replace("SECRET", ProviderWorld.SECRET)
        .replace("CALLBACK", providers.world.base.plainCallback().value()));
    for (var provider : providers.all()) {
      var record = record(document, provider);
      record.withObject("/endpoint").put("url", providers.server(provider).url());
      record.withObject("/authorization").putNull("credentials");
    }
    return document;
  }

  /** The document with the tokens of consents that another app has got. */
  public static ObjectNode withLiveTokens(ThreeProviders providers) {
    var document = withoutTokens(providers);
    providers.connectElsewhere(records(document));
    for (var provider : providers.all())
      putTokens(record(document, provider), providers.given(provider));
    // As it is read from a file: a small number is an int there.
    return read(document.toString());
  }

  private static ObjectNode read(String text) {
    return Json.object(text.getBytes(UTF_8)).orElseThrow();
  }

  private static void putTokens(ObjectNode record, Tokens tokens) {
    var refresh = tokens.refreshToken();
    var end = tokens.expiresAt();
    record.withObject("/authorization").putObject("credentials").put("access_token", tokens.accessToken().reveal())
        .put("expires_at", end == null ? NO_TIME : end.toString().replace("Z", ".898818343+00:00"))
        .put("expires_in", end == null ? 0 : end.getEpochSecond() - tokens.obtainedAt().getEpochSecond())
        .put("refresh_token", refresh == null ? "" : refresh.reveal()).put("scope", "").put("token_type", "bearer");
  }

  public static List<ObjectNode> records(ObjectNode document) {
    return StreamSupport.stream(document.path("servers").spliterator(), false).map(ObjectNode.class::cast).toList();
  }

  /** The record of the server in front of this provider. */
  public static ObjectNode record(ObjectNode document, FakeProvider provider) {
    String id = ThreeProviders.mcpId(provider).value();
    return records(document).stream().filter(record -> record.path("mcpId").asText().equals(id)).findFirst()
        .orElseThrow();
  }

  /** Imports the document as the app's backend does. */
  public static List<ServerImport.Result> imported(ThreeProviders providers, ObjectNode document) {
    return importedAs(FlowWorld.OPERATOR, providers, document);
  }

  public static List<ServerImport.Result> importedAs(Caller caller, ThreeProviders providers, ObjectNode document) {
    return providers.world.flow().importServers(caller, document, false, providers.world.now());
  }
}
