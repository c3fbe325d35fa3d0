package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.function.Function;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Tokens;

/**
 * One call of a function, from its event to its response, with a grant that does not exist: what the first call of a
 * user would load is loaded then. Stores and MCP server are a {@link RehearsalServer} of this process, so no call
 * leaves it, and tokens and keys are thrown away with it.
 *
 * @param function makes the handler
 * @param body the body of the event, for an MCP server at this URL
 */
public record Rehearsal(Function<Wiring, ApiHandler> function, Function<EndpointUrl, String> body) {
  /** Code that has run some times is faster. */
  private static final int CALLS = 5;
  private static final ConnectionKey CONNECTION = new ConnectionKey(new UserId("none"), new ConnectionId("none"));

  /**
   * Makes the call {@value #CALLS} times.
   *
   * @param wiring the wiring of the function. The rehearsal has its settings, and nothing else of it
   */
  public void run(Wiring wiring) {
    try (var server = new RehearsalServer();
        var platform = new RehearsalPlatform(server);
        var rehearsed = wiring.on(platform)) {
      rehearsed.grants().store(grant(server.mcpServer()));
      var handler = function.apply(rehearsed);
      byte[] event = JsonText.bytes(event(server.mcpServer(), wiring.settings()));
      for (int call = 0; call < CALLS; call++)
        requireOk(handler, event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireOk(ApiHandler handler, byte[] event) throws IOException {
    var response = new ByteArrayOutputStream();
    handler.rehearse(new ByteArrayInputStream(event), response);
    if (response.toString(UTF_8).contains("\"statusCode\":200")) return;
    throw new IllegalStateException("the rehearsed call fails");
  }

  private static Grant grant(EndpointUrl server) {
    var issuer = new Issuer(server.origin());
    var target = new GrantTarget(issuer, new EndpointUrl(issuer.value() + "/token"), new ResourceUri(server.value()),
        server);
    var now = Instant.now();
    var tokens = new Tokens(new AccessToken("none"), new RefreshToken("none"), Scopes.none(), now,
        now.plus(Duration.ofHours(1)));
    var grant = Grant.first(CONNECTION, target, ClientIdentity.unknown(CONNECTION.user()), tokens, Set.of(), now);
    return new Grant(grant.key(), grant.id(), grant.version(), target, grant.client(), tokens, grant.state(), Set.of(),
        NegotiatedProtocol.newestLegacy());
  }

  private ObjectNode event(EndpointUrl server, Settings settings) {
    var event = Json.newObject().put("version", "2.0").put("routeKey", "none").put("rawPath", "/none")
        .put("rawQueryString", "").put("body", body.apply(server)).put("isBase64Encoded", false);
    event.putObject("headers").put("content-type", "application/json").put("accept", "application/json");
    event.putObject("pathParameters").put("mcpId", CONNECTION.connection().value());
    var context = event.putObject("requestContext").put("requestId", "none");
    context.putObject("http").put("method", "POST").put("path", "/none");
    context.putObject("authorizer").putObject("jwt").putObject("claims")
        .put(settings.userClaim(), CONNECTION.user().value()).put("scope", settings.requiredScope());
    return event;
  }
}
