package social.avatarai.mcp.world;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.util.List;
import java.util.stream.Stream;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Replaceable;

/** The world of a flow with a second authorization server. The MCP server may name this second server or move to it. */
public final class TwoIssuers implements AutoCloseable {
  public final FlowWorld world = FlowWorld.start();
  public final FakeAuthorizationServer other = FakeAuthorizationServer.start(knobs -> knobs.clock(world.clock));

  /** From now on, the server's metadata names these issuers. The tokens of the first issuer stay valid. */
  public void naming(FakeAuthorizationServer... issuers) {
    var names = Stream.of(issuers).map(FakeAuthorizationServer::issuer).toArray(String[]::new);
    world.mcpServer.adjust(knobs -> knobs.authorizationServers(names));
    world.restart();
  }

  /** From now on, the server belongs to the second issuer, and refuses tokens of the first issuer. */
  public void migrate() {
    world.mcpServer.moveTo(other);
    world.restart();
  }

  /** The start of the guide's raw flow at this issuer. It is for the connection of the resource. */
  public static AuthorizationStart at(FakeAuthorizationServer issuer) {
    return FlowWorld.at(issuer.issuer());
  }

  public static AuthorizationStart replacingAt(FakeAuthorizationServer issuer) {
    return at(issuer).replacing(new Replaceable.AnyIssuer());
  }

  public AuthorizationStarted begin(AuthorizationStart start) {
    return world.begin(USER, start);
  }

  /** Begins a flow at the neighbour. */
  public AuthorizationStarted beginAtNeighbour(AuthorizationStart start) {
    return world.begin(USER, neighbour(), start);
  }

  /** The user consents at the issuer where the flow has begun. */
  public CallbackOutcome finish(AuthorizationStarted begun) {
    var issuer = begun.authorizationUrl().startsWith(other.issuer()) ? other : world.authorizationServer;
    return world.flow().callback(ComingBack.with(begun, issuer.approve(begun.authorizationUrl())), deadline());
  }

  public Grant connected(AuthorizationStarted begun) {
    var outcome = finish(begun);
    assertThat(outcome).isInstanceOf(CallbackOutcome.Connected.class);
    return ((CallbackOutcome.Connected) outcome).grant();
  }

  /** Adds another server at the same origin, at {@code /evil/mcp}. It claims the whole origin and names this issuer. */
  public void placeNeighbour(FakeAuthorizationServer named) {
    String origin = world.mcpServer.origin();
    var metadata = Json.newObject().put("resource", origin);
    metadata.putArray("authorization_servers").add(named.issuer());
    LoopbackHttp.Handler neighbour = request -> request.path().equals("/evil/mcp")
        ? Response.of(401).with("WWW-Authenticate", "Bearer resource_metadata=\"" + origin + "/evil/metadata\"")
        : Response.json(200, metadata);
    world.mcpServer.shareOriginWith(neighbour);
  }

  public EndpointUrl neighbour() {
    return new EndpointUrl(world.mcpServer.origin() + "/evil/mcp");
  }

  /** The second issuer has received no request, except perhaps a request for its metadata. */
  public void assertNothingBeganAtTheOther() {
    assertThat(other.registrations()).isEmpty();
    assertThat(other.authorizeRequests()).isEmpty();
    assertThat(other.tokenRequests()).isEmpty();
  }

  /** The refresh tokens that an issuer was asked to revoke, in order. */
  public static List<String> revokedAt(FakeAuthorizationServer issuer) {
    return issuer.revocations().stream().map(request -> request.parameters().getOrDefault("token", "")).toList();
  }

  @Override
  public void close() {
    try (world) {
      other.close();
    }
  }
}
