package social.avatarai.mcp.testkit;

import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A small OAuth 2.1 authorization server over real loopback HTTP: metadata, registration, authorization, token and
 * revocation endpoint. It checks everything that a careful server checks. The {@link AuthorizationServerKnobs} make it
 * behave like other servers, and each {@link Endpoint} accepts scripted exchanges. {@code close()} fails if a scripted
 * exchange was never played.
 */
public final class FakeAuthorizationServer implements AutoCloseable {
  private final AuthorizationServerKnobs knobs = new AuthorizationServerKnobs();
  private final Clients clients = new Clients(knobs);
  private final FakeGrants grants = new FakeGrants(knobs);
  private final LoopbackHttp http;
  private final Endpoint metadata;
  private final Endpoint registration;
  private final Endpoint registrationManagement;
  private final Endpoint authorization;
  private final Endpoint token;
  private final Endpoint revocation;
  private final Endpoint pushedRequests;
  private final Endpoint userinfo;
  private final @Nullable FakeUpstream upstream;
  private final FakeAuthorizationEndpoint consent;
  private volatile LoopbackHttp.Handler neighbour = _ -> Response.of(404);
  private volatile Consumer<FakeGrants> fixedValues = _ -> {};

  private FakeAuthorizationServer(int port, Consumer<AuthorizationServerKnobs> turn) {
    turn.accept(knobs);
    http = LoopbackHttp.bind(port, this::route);
    String origin = http.url();
    upstream = knobs.provider.asksUpstream ? new FakeUpstream(origin, knobs) : null;
    consent = new FakeAuthorizationEndpoint(knobs, origin, clients, grants, upstream);
    metadata = endpoint("metadata", new FakeAuthorizationServerMetadata(knobs, origin)::respond);
    var registrations = new FakeRegistrationEndpoint(knobs, origin, clients);
    registration = endpoint("registration endpoint", registrations::respond);
    registrationManagement = endpoint("registration management", registrations::end);
    authorization = endpoint("authorization endpoint", consent::respond);
    pushedRequests = endpoint("pushed authorization request endpoint", consent::push);
    token = endpoint("token endpoint", new FakeTokenEndpoint(knobs, origin, clients, grants)::respond);
    userinfo = endpoint("UserInfo endpoint", this::userinfo);
    revocation = endpoint("revocation endpoint", new FakeRevocationEndpoint(knobs, clients, grants)::respond);
  }

  public static FakeAuthorizationServer start() {
    return start(_ -> {});
  }

  public static FakeAuthorizationServer start(Consumer<AuthorizationServerKnobs> knobs) {
    return start(0, knobs);
  }

  /** Starts on a port; 0 for any free port. */
  public static FakeAuthorizationServer start(int port, Consumer<AuthorizationServerKnobs> knobs) {
    var server = new FakeAuthorizationServer(port, knobs);
    server.http.serve();
    return server;
  }

  /** The server's identifier: origin and issuer path. */
  public String issuer() {
    return http.url() + knobs.issuerPath;
  }

  public String origin() {
    return http.url();
  }

  /** Turns knobs while the server runs. The next request is served in the new way. */
  public synchronized void adjust(Consumer<AuthorizationServerKnobs> turn) {
    turn.accept(knobs);
  }

  /** Adds a client that does not register itself. */
  public synchronized void preRegister(FakeClient client) {
    clients.add(client);
  }

  /** Removes all clients that registered themselves, as real servers do after a while. */
  public synchronized void forgetRegisteredClients() {
    clients.forgetRegistered();
  }

  public Endpoint metadataEndpoint() {
    return metadata;
  }

  public Endpoint registrationEndpoint() {
    return registration;
  }

  public Endpoint registrationManagement() {
    return registrationManagement;
  }

  public Endpoint authorizationEndpoint() {
    return authorization;
  }

  public Endpoint tokenEndpoint() {
    return token;
  }

  public Endpoint revocationEndpoint() {
    return revocation;
  }

  public Endpoint userinfoEndpoint() {
    return userinfo;
  }

  public Endpoint pushedRequestEndpoint() {
    return pushedRequests;
  }

  public List<Received> metadataRequests() {
    return metadata.requests();
  }

  public List<Received> registrations() {
    return registration.requests();
  }

  public List<Received> authorizeRequests() {
    return authorization.requests();
  }

  public List<Received> tokenRequests() {
    return token.requests();
  }

  /** The refresh tokens that token requests contained, in order. */
  public List<String> refreshTokensSent() {
    return tokenRequests().stream().map(request -> request.isJson() ? request.jsonAsForm() : request)
        .map(request -> request.parameters().get("refresh_token")).filter(Objects::nonNull).toList();
  }

  public List<Received> revocations() {
    return revocation.requests();
  }

  /** Whether this access token is valid. */
  public boolean accepts(String accessToken) {
    return live(accessToken).isPresent();
  }

  /** The resource owner of this access token; empty if the token is not valid. */
  public Optional<String> subjectOf(String accessToken) {
    return live(accessToken).map(live -> live.grant().subject());
  }

  /** The valid refresh tokens: one for each grant that is not lost. */
  public synchronized Set<String> liveRefreshTokens() {
    return grants.liveRefreshTokens();
  }

  /** Revokes an access token, or a refresh token and all tokens of its grant. */
  public synchronized void revoke(String token) {
    grants.revoke(token);
  }

  /** Ends all access tokens. Refresh tokens stay valid. */
  public synchronized void expireAccessTokens() {
    grants.expireAccessTokens();
  }

  /** Plays the browser of a user who consents. Returns the URL of the redirect, with code, state and iss. */
  public URI approve(String authorizationUrl) {
    var redirect = Browser.redirectOf(URI.create(authorizationUrl));
    while (upstream != null && isWithin(redirect))
      redirect = Browser.redirectOf(redirect);
    return redirect;
  }

  /** Whether a browser is still with this server or its upstream. */
  private boolean isWithin(URI redirect) {
    return redirect.toString().startsWith(origin() + "/")
        || redirect.toString().startsWith(upstream().server().origin() + "/");
  }

  /** The server that is asked for consent too. */
  public FakeUpstream upstream() {
    return Objects.requireNonNull(upstream, "this server asks no other one");
  }

  /** Plays a browser that opens this URL. Returns the URL of the redirect; empty if the server shows a page. */
  public Optional<URI> visit(String url) {
    return Browser.visit(URI.create(url));
  }

  @Override
  public void close() {
    if (upstream != null) upstream.close();
    http.close();
    List.of(metadata, registration, registrationManagement, authorization, token, revocation, pushedRequests, userinfo)
        .forEach(Endpoint::verifyScriptPlayed);
  }

  synchronized Optional<FakeGrants.AccessToken> live(String accessToken) {
    fixedValues.accept(grants);
    return grants.live(accessToken);
  }

  /**
   * Adds another server at the same origin, such as an MCP server without RFC 9728. The other server gets all requests
   * for other paths.
   */
  LoopbackHttp shareOriginWith(LoopbackHttp.Handler other) {
    neighbour = other;
    return http;
  }

  /** Values that can be used many times. They are restored before each request. */
  void keep(Consumer<FakeGrants> values) {
    fixedValues = values;
  }

  private Response route(Received request) {
    String path = request.path();
    if (FakeAuthorizationServerMetadata.isAskedForAt(path)) return metadata.respond(request);
    return switch (endpointOf(request)) {
      case "/register" -> registration.respond(request);
      case "/authorize" -> authorization.respond(request);
      case "/par" -> pushedRequests.respond(request);
      case "/callback" -> alone(consent::returnFromUpstream).respond(request);
      case "/consent" -> alone(consent::decide).respond(request);
      case "/token" -> token.respond(request);
      case "/revoke" -> revocation.respond(request);
      case "/userinfo" -> userinfo.respond(request);
      case String below when below.startsWith("/register/") -> registrationManagement.respond(request);
      default -> neighbour.respond(request);
    };
  }

  private Response userinfo(Received request) {
    return request.header("authorization").map(value -> value.replaceFirst("^Bearer ", "")).flatMap(grants::live)
        .map(knobs.accounts::asked)
        .orElseGet(() -> Response.error(401, "invalid_token"));
  }

  /** The endpoint that is meant; "" for none of this server. */
  private String endpointOf(Received request) {
    String endpoint = knobs.endpointAt(request.path()).orElse("");
    if (endpoint.equals("/callback") && upstream == null) return "";
    boolean isRevocation = knobs.provider.revokesAtTheTokenEndpoint && endpoint.equals("/token")
        && !request.parameters().containsKey("grant_type");
    return isRevocation ? "/revoke" : endpoint;
  }

  /** The server under all of this. */
  LoopbackHttp http() {
    return http;
  }

  private Endpoint endpoint(String name, LoopbackHttp.Handler handler) {
    return new Endpoint(name, alone(handler));
  }

  /** Serves one request at a time, so that the server's state needs no other lock. */
  private LoopbackHttp.Handler alone(LoopbackHttp.Handler handler) {
    return request -> {
      synchronized (this) {
        fixedValues.accept(grants);
        return handler.respond(request);
      }
    };
  }
}
