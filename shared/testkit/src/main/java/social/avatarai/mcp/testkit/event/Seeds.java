package social.avatarai.mcp.testkit.event;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.CompletionCode;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.EnteredHeader;
import social.avatarai.mcp.EnteredSecret;
import social.avatarai.mcp.HeaderName;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.State;
import social.avatarai.mcp.StdioName;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.ParkedResponse;
import social.avatarai.mcp.authorization.Sessions;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.BuiltInServers;
import social.avatarai.mcp.record.McpServer;
import social.avatarai.mcp.record.Servers;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.Demo;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.RefreshTiming;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.Tokens;

/** Writes, through the stores, the data that sample events need. */
public final class Seeds {
  public static final UserId USER = new UserId("did:plc:exampleuser000000000000");
  private static final State STATE = new State("demo-state-0000000000000000000000000000");
  private static final BrowserKey BROWSER = new BrowserKey("demo-browser");
  private static final RedirectUri REDIRECT_URI = new RedirectUri("https://api.example.com/api/mcp/oauth/callback");
  private static final ConnectionId SERVER = new ConnectionId("demo-server");

  private final Stores stores;
  private final Clock clock;
  private final String mcpUrl;
  private final String issuer;

  /** The stores for the seeds. */
  public record Stores(Sessions sessions, Grants grants, DueGrants dueGrants, Servers servers,
      BuiltInServers builtIns) {}

  public Seeds(Stores stores, Clock clock, String mcpUrl, String issuer) {
    this.stores = stores;
    this.clock = clock;
    this.mcpUrl = mcpUrl;
    this.issuer = issuer;
  }

  /** Writes the data with this name. */
  public void write(String seed) {
    switch (seed) {
      case "session" -> stores.sessions().begin(session());
      case "parked" -> {
        stores.sessions().begin(session());
        var code = CompletionCode.ofParameter("completion_code", STATE.key() + ".demo-completion");
        var response = new AuthorizationResponse(new AuthorizationCode(Demo.CODE), null, issuer, null);
        stores.sessions().park(session(),
            new ParkedResponse(1, code.hash(), response, clock.instant().plus(Duration.ofMinutes(1))),
            clock.instant());
      }
      case "grant" -> {
        long due = RefreshTiming.minute(clock.instant());
        stores.grants().store(grant(key(), due));
        stores.dueGrants().schedule(key(), due);
      }
      case "grant-of-another-issuer" -> stores.grants().store(grantOf("https://another-as.example.com"));
      case "server" -> stores.servers().put(server());
      case "server-with-a-token" -> stores.servers().put(serverWithToken());
      case "connected-server" -> {
        stores.servers().put(server());
        stores.grants().store(grant(server().key(), RefreshTiming.minute(clock.instant())));
      }
      case "synced-server" -> {
        stores.servers().put(server(document().put("syncResources", true)));
        stores.grants().store(grant(server().key(), clock.instant().getEpochSecond() / 60));
      }
      case "ended-server" -> {
        stores.servers().put(server());
        stores.grants().store(ended(grant(server().key(), 0)));
      }
      case "waiting-server" -> {
        stores.servers().put(server());
        stores.grants().store(waiting(grant(server().key(), 0)));
      }
      case "program" -> stores.servers().put(program());
      case "built-in" -> stores.builtIns().put(builtIn());
      case "connected-twice" -> {
        write("connected-server");
        write("grant");
      }
      default -> throw new IllegalArgumentException("no such seed: " + seed);
    }
  }

  private ConnectionKey key() {
    return new ConnectionKey(USER, ConnectionId.ofResource(new ResourceUri(mcpUrl)));
  }

  private GrantTarget target() {
    return new GrantTarget(new Issuer(issuer), new EndpointUrl(issuer + "/token"), new ResourceUri(mcpUrl),
        new EndpointUrl(mcpUrl));
  }

  private static ClientIdentity client() {
    return new ClientIdentity(Owner.of(USER), ClientIdentity.Origin.PUBLIC, new ClientId(Demo.CLIENT_ID),
        ClientAuthenticationMethod.NONE);
  }

  private AuthorizationSession session() {
    var request = new AuthorizationSession.Request(REDIRECT_URI, null, new CodeVerifier(Demo.CODE_VERIFIER),
        Scopes.none(), false, false);
    return new AuthorizationSession(STATE.key(), key(), target(), client(), request,
        new AuthorizationSession.Binding(BROWSER.hash(), null), Set.of(), new Replaceable.SameIssuer(),
        clock.instant().plus(Duration.ofMinutes(10)),
        AuthorizationSession.Status.PENDING, null, false);
  }

  private ObjectNode document() {
    var document = Json.newObject().put("mcpId", SERVER.value()).put("userId", USER.value());
    document.putObject("endpoint").put("type", "streamableHttp").put("url", mcpUrl);
    return document;
  }

  private McpServer server() {
    return server(document());
  }

  private McpServer server(ObjectNode document) {
    return new McpServer(new ConnectionKey(USER, SERVER), new EndpointUrl(mcpUrl), true,
        new McpServer.Terms(Scopes.none(), null, null, null, false), McpServer.Status.DISCONNECTED, document, null);
  }

  /** A program, as a local runner that shares the tables stores it. */
  private McpServer program() {
    var like = server();
    var document = Json.newObject().put("mcpId", SERVER.value()).put("userId", USER.value());
    document.putObject("endpoint").put("type", "stdio").put("command", "everything");
    return new McpServer(like.key(), new StdioName("everything").url(), true, like.terms(), like.status(), document,
        null);
  }

  private McpServer builtIn() {
    var like = server();
    var document = like.document().put("userId", "").put("isBuiltin", true);
    return new McpServer(like.key(), like.url(), true, like.terms(), like.status(), document, null);
  }

  /** A token that its server does not know. */
  private McpServer serverWithToken() {
    var token = new EnteredHeader(new HeaderName("Authorization"), "Bearer ", new EnteredSecret("demo-entered-token"));
    var server = server();
    server.document().putObject("authorization").put("method", "bearer");
    return server.with(new EnteredCredentials(server.url().origin(), token, List.of()));
  }

  private Grant grantOf(String another) {
    var like = grant(key(), 0);
    var target = new GrantTarget(new Issuer(another), new EndpointUrl(another + "/token"), like.target().resource(),
        like.target().serverUrl());
    return new Grant(like.key(), like.id(), 1, target, like.client(), like.tokens(), like.state(), Set.of(), null);
  }

  /** The grant with an expired access token and without a refresh token. */
  private Grant ended(Grant grant) {
    return expired(grant, null, grant.state());
  }

  /** The grant with an expired access token whose last refresh failed. The next attempt is an hour away. */
  private Grant waiting(Grant grant) {
    var now = clock.instant();
    return expired(grant, grant.tokens().refreshToken(), new GrantState(GrantState.Status.ACTIVE, 1, 0,
        now.plus(Duration.ofHours(1)), now, 0, GrantState.Cause.REFRESH_POSTPONED, GrantState.Notes.NONE));
  }

  private Grant expired(Grant grant, @Nullable RefreshToken refreshToken, GrantState state) {
    var before = clock.instant().minus(Duration.ofHours(2));
    var tokens = new Tokens(grant.tokens().accessToken(), refreshToken, grant.tokens().scope(), before,
        before.plus(Duration.ofHours(1)));
    return new Grant(grant.key(), grant.id(), 1, grant.target(), grant.client(), tokens, state, Set.of(), null);
  }

  private Grant grant(ConnectionKey key, long due) {
    var now = clock.instant();
    var tokens = new Tokens(new AccessToken(Demo.ACCESS_TOKEN), new RefreshToken(Demo.REFRESH_TOKEN),
        new Scopes(List.of("mcp")), now, now.plus(Duration.ofHours(1)));
    return new Grant(key, GrantId.fresh(), 1, target(), client(), tokens, GrantState.healthy(now, due), Set.of(),
        null);
  }
}
