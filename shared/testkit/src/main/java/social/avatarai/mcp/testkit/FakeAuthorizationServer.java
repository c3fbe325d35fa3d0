package social.avatarai.mcp.testkit;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A small OAuth 2.1 authorization server over real loopback HTTP: metadata, registration, authorization, token and
 * revocation endpoint. It checks what a careful server checks; its {@link AuthorizationServerKnobs} make it one of the others, and each
 * {@link Endpoint} takes scripted exchanges. {@code close()} fails when one of them was never played.
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
  private final FakeAuthorizationEndpoint consent;
  private volatile LoopbackHttp.Handler neighbour = _ -> Response.of(404);
  private volatile Consumer<FakeGrants> fixedValues = _ -> {};

  private FakeAuthorizationServer(int port, Consumer<AuthorizationServerKnobs> turn) {
    turn.accept(knobs);
    http = LoopbackHttp.bind(port, this::route);
    String origin = http.url();
    consent = new FakeAuthorizationEndpoint(knobs, origin, clients, grants);
    metadata = endpoint("metadata", new FakeAuthorizationServerMetadata(knobs, origin)::answer);
    var registrations = new FakeRegistrationEndpoint(knobs, origin, clients);
    registration = endpoint("registration endpoint", registrations::answer);
    registrationManagement = endpoint("registration management", registrations::end);
    authorization = endpoint("authorization endpoint", consent::answer);
    token = endpoint("token endpoint", new FakeTokenEndpoint(knobs, origin, clients, grants)::answer);
    revocation = endpoint("revocation endpoint", new FakeRevocationEndpoint(knobs, clients, grants)::answer);
  }

  public static FakeAuthorizationServer start() {
    return start(_ -> {});
  }

  public static FakeAuthorizationServer start(Consumer<AuthorizationServerKnobs> knobs) {
    return start(0, knobs);
  }

  /** Starts on a port; 0 for any free one. */
  public static FakeAuthorizationServer start(int port, Consumer<AuthorizationServerKnobs> knobs) {
    var server = new FakeAuthorizationServer(port, knobs);
    server.http.serve();
    return server;
  }

  /** Its identifier: origin and issuer path. */
  public String issuer() {
    return http.url() + knobs.issuerPath;
  }

  public String origin() {
    return http.url();
  }

  /** Turns knobs while it runs; the next request is served the new way. */
  public synchronized void adjust(Consumer<AuthorizationServerKnobs> turn) {
    turn.accept(knobs);
  }

  /** Makes a client known that does not register itself. */
  public synchronized void preRegister(FakeClient client) {
    clients.add(client);
  }

  /** Forgets all clients that registered themselves, as servers in the field do after a while. */
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

  public List<Received> revocations() {
    return revocation.requests();
  }

  /** Whether this access token is live. */
  public boolean accepts(String accessToken) {
    return live(accessToken).isPresent();
  }

  /** Whose access token this is, while it is live. */
  public Optional<String> subjectOf(String accessToken) {
    return live(accessToken).map(live -> live.grant().subject());
  }

  /** The refresh tokens that are live: one for each grant that has not been lost. */
  public synchronized Set<String> liveRefreshTokens() {
    return grants.liveRefreshTokens();
  }

  /** Ends an access token, or a refresh token and all that came of its grant. */
  public synchronized void revoke(String token) {
    grants.revoke(token);
  }

  /** Ends all access tokens; refresh tokens stay. */
  public synchronized void expireAccessTokens() {
    grants.expireAccessTokens();
  }

  /** Plays the browser of someone who consents: the URL that the browser is then sent to, with code, state and iss. */
  public URI approve(String authorizationUrl) {
    return Browser.redirectOf(URI.create(authorizationUrl));
  }

  /** Plays a browser that is sent here: where it is sent on to; empty where it is left on a page. */
  public Optional<URI> visit(String url) {
    return Browser.visit(URI.create(url));
  }

  @Override
  public void close() {
    http.close();
    List.of(metadata, registration, registrationManagement, authorization, token, revocation)
        .forEach(Endpoint::verifyScriptPlayed);
  }

  synchronized Optional<FakeGrants.AccessToken> live(String accessToken) {
    fixedValues.accept(grants);
    return grants.live(accessToken);
  }

  /** Another server at the same origin, as MCP servers of before RFC 9728 are: it gets what is not ours. */
  LoopbackHttp shareOriginWith(LoopbackHttp.Handler other) {
    neighbour = other;
    return http;
  }

  /** Values that are good however often they are used: put in place again before each request. */
  void keep(Consumer<FakeGrants> values) {
    fixedValues = values;
  }

  private Response route(Received request) {
    String path = request.path();
    if (FakeAuthorizationServerMetadata.isAskedForAt(path)) return metadata.answer(request);
    if (!path.startsWith(knobs.issuerPath + "/")) return neighbour.answer(request);
    return switch (path.substring(knobs.issuerPath.length())) {
      case "/register" -> registration.answer(request);
      case "/authorize" -> authorization.answer(request);
      case "/consent" -> alone(consent::decide).answer(request);
      case "/token" -> token.answer(request);
      case "/revoke" -> revocation.answer(request);
      case String below when below.startsWith("/register/") -> registrationManagement.answer(request);
      default -> neighbour.answer(request);
    };
  }

  private Endpoint endpoint(String name, LoopbackHttp.Handler handler) {
    return new Endpoint(name, alone(handler));
  }

  /** One request at a time is served, so that all that the server knows needs no lock of its own. */
  private LoopbackHttp.Handler alone(LoopbackHttp.Handler handler) {
    return request -> {
      synchronized (this) {
        fixedValues.accept(grants);
        return handler.answer(request);
      }
    };
  }
}
