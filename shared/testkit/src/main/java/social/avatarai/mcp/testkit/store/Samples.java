package social.avatarai.mcp.testkit.store;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.AuthorizationCode;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.CodeVerifier;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.EnteredCredentials;
import social.avatarai.mcp.EnteredHeader;
import social.avatarai.mcp.EnteredSecret;
import social.avatarai.mcp.HeaderName;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.McpSessionId;
import social.avatarai.mcp.NegotiatedProtocol;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.State;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationResponse;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.AuthorizationSession.Binding;
import social.avatarai.mcp.authorization.AuthorizationSession.Request;
import social.avatarai.mcp.authorization.AuthorizationSession.Status;
import social.avatarai.mcp.authorization.ParkedResponse;
import social.avatarai.mcp.discovery.StatedEndpoints;
import social.avatarai.mcp.registration.ClientIdentity;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.GrantTarget;
import social.avatarai.mcp.token.Identity;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.token.ReplacedToken;
import social.avatarai.mcp.token.StatedIssuer;
import social.avatarai.mcp.token.Tokens;

/** Invented values to store. Each call makes a new user, so that tests can share tables. */
public final class Samples {
  /** A time far in the future. Databases delete expired rows by the real clock, so stored rows must not be expired. */
  public static final Instant NOW = Instant.parse("2126-11-25T12:00:00Z");
  public static final Issuer ISSUER = new Issuer("https://as.example");
  public static final RedirectUri REDIRECT_URI = new RedirectUri("https://app.example/api/mcp/oauth/callback");

  private Samples() {}

  /** A user id with '#' and ':'. User ids may contain these characters, which separate the parts of table keys. */
  public static UserId user() {
    return new UserId("did:plc:invented#" + Unguessable.text());
  }

  public static ConnectionKey key() {
    return new ConnectionKey(user(), new ConnectionId("invented-server"));
  }

  /** A key and a header that a user has entered for the server at this URL. */
  public static EnteredCredentials entered(EndpointUrl server) {
    return new EnteredCredentials(server.origin(),
        new EnteredHeader(new HeaderName("X-API-Key"), "Token ",
            new EnteredSecret("invented-key-" + Unguessable.text())),
        List.of(
            new EnteredHeader(new HeaderName("X-Team"), "", new EnteredSecret("invented-team-" + Unguessable.text()))));
  }

  public static GrantTarget target() {
    return new GrantTarget(ISSUER, new EndpointUrl("https://as.example/token"), new ResourceUri("https://mcp.example/"),
        new EndpointUrl("https://mcp.example/mcp"));
  }

  /** The endpoints of an issuer without metadata, as a server record states them, with all optional values. */
  public static StatedEndpoints statedEndpoints() {
    return new StatedEndpoints(new EndpointUrl("https://as.example/authorize"),
        new EndpointUrl("https://as.example/token"), new EndpointUrl("https://as.example/revoke"), ",");
  }

  /** A target whose issuer publishes no metadata. */
  public static GrantTarget statedTarget() {
    var target = target();
    return new GrantTarget(target.issuer(), target.tokenEndpoint(), target.resource(), target.serverUrl(),
        StatedIssuer.of(statedEndpoints()));
  }

  public static ClientIdentity client(String id, Owner owner) {
    return new ClientIdentity(owner, ClientIdentity.Origin.CALLER, new ClientId(id),
        ClientAuthenticationMethod.CLIENT_SECRET_POST);
  }

  /** A new session with all optional values. */
  public static AuthorizationSession session() {
    return sessionReplacing(new Replaceable.MigratedGrant(GrantId.fresh()));
  }

  /** A new session with all optional values, whose grant may replace this grant. */
  public static AuthorizationSession sessionReplacing(Replaceable replaceable) {
    var key = key();
    var request = new Request(REDIRECT_URI, IssuerContext.of(ISSUER), CodeVerifier.fresh(), Scopes.parse("repo user"),
        true,
        true);
    return new AuthorizationSession(State.fresh().key(), key, target(), client("client-1", Owner.of(key.user())),
        request, new Binding(Digest.sha256Hex("browser"), "https://app.example/connected"),
        Set.of(Grant.Warning.PKCE_NOT_ADVERTISED), replaceable, NOW.plusSeconds(600),
        Status.PENDING, null, true);
  }

  /** A new session of a flow whose issuer may be asked for the account, and whose metadata names another issuer. */
  public static AuthorizationSession sessionWithUserinfo() {
    var full = session();
    var request = new Request(REDIRECT_URI, IssuerContext.of(ISSUER), CodeVerifier.fresh(), Scopes.parse("repo user"),
        true, true, new Issuer("https://published.example"));
    return new AuthorizationSession(full.key(), full.connection(), full.target(), full.client(), request,
        full.binding(), full.warnings(), full.replaceable(), full.expiresAt(), full.status(), null, false,
        new EndpointUrl("https://as.example/userinfo"));
  }

  /** A new session without optional values. */
  public static AuthorizationSession plainSession() {
    var full = session();
    var request = new Request(REDIRECT_URI, null, CodeVerifier.fresh(), Scopes.none(), false, false);
    return new AuthorizationSession(full.key(), full.connection(), full.target(), full.client(), request,
        new Binding(Digest.sha256Hex("browser"), null), Set.of(), new Replaceable.SameIssuer(), full.expiresAt(),
        Status.PENDING, null, false);
  }

  /** A new session of a flow at an issuer that publishes no metadata. */
  public static AuthorizationSession statedSession() {
    var full = session();
    return new AuthorizationSession(full.key(), full.connection(), statedTarget(), full.client(), full.request(),
        full.binding(), Set.of(Grant.Warning.ISSUER_BY_RECORD), full.replaceable(), full.expiresAt(), full.status(),
        null, false);
  }

  /** A response with a new code. */
  public static ParkedResponse parked() {
    return parked(NOW.plusSeconds(60));
  }

  public static ParkedResponse parked(Instant expiresAt) {
    var response = new AuthorizationResponse(new AuthorizationCode("code-" + Unguessable.text()), null, ISSUER.value(),
        IssuerContext.of(ISSUER));
    return new ParkedResponse(1, Digest.sha256Hex(Unguessable.text()), response, expiresAt);
  }

  public static ParkedResponse parkedError() {
    return new ParkedResponse(1, Digest.sha256Hex(Unguessable.text()),
        new AuthorizationResponse(null, "access_denied", null, null), NOW.plusSeconds(60));
  }

  /** A first version of a grant with all optional values. */
  public static Grant grant() {
    return grant(key());
  }

  public static Grant grant(ConnectionKey key) {
    var state = new GrantState(GrantState.Status.ACTIVE, 2, 1, NOW.plusSeconds(30), NOW, 82_500_000);
    return new Grant(key, GrantId.fresh(), 1, target(), client("client-1", Owner.deployment()), tokens("first"), state,
        Set.of(Grant.Warning.LEGACY_DISCOVERY, Grant.Warning.LONG_LIVED_TOKEN),
        new NegotiatedProtocol("2025-11-25", new McpSessionId("mcp-session-" + Unguessable.text())));
  }

  /** A grant whose account has this identifier, and a label. */
  public static Grant grantOf(ConnectionKey key, String account) {
    var like = grant(key);
    return new Grant(key, like.id(), 1, like.target(), like.client(),
        like.tokens().of(new Identity(ISSUER.value(), account, account + "@example.com", "")), like.state(),
        like.warnings(), null);
  }

  /** The same at an issuer that publishes no metadata. */
  public static Grant statedGrant(ConnectionKey key) {
    var like = grant(key);
    return new Grant(key, like.id(), 1, statedTarget(), like.client(), like.tokens(), like.state(),
        Set.of(Grant.Warning.ISSUER_BY_RECORD), like.protocol());
  }

  /** The same with a query in the URL of its server, with the question mark. */
  public static Grant grantWithQuery(ConnectionKey key, String query) {
    var grant = grant(key);
    return grant.servedAt(grant.target().serverUrl().withQueryPart(query));
  }

  /** A first version of a grant without optional values. */
  public static Grant plainGrant(ConnectionKey key) {
    var tokens = new Tokens(new AccessToken("access-" + Unguessable.text()), null, Scopes.none(), NOW, null);
    return new Grant(key, GrantId.fresh(), 1, target(), client("client-1", Owner.deployment()), tokens,
        GrantState.healthy(NOW, 0), Set.of(), null);
  }

  /** A first version of a grant of another issuer. */
  public static Grant grantOfAnotherIssuer(ConnectionKey key) {
    var like = grant(key);
    var target = new GrantTarget(new Issuer("https://other-as.example"),
        new EndpointUrl("https://other-as.example/token"), like.target().resource(), like.target().serverUrl());
    return new Grant(key, like.id(), 1, target, like.client(), like.tokens(), like.state(), like.warnings(), null);
  }

  /** The refresh token of a grant that was replaced this number of seconds ago, at the grant's first version. */
  public static ReplacedToken replacedToken(ConnectionKey key, long secondsAgo) {
    return new ReplacedToken(key, GrantId.fresh(), 1, target(), client("client-1", Owner.of(key.user())),
        new RefreshToken("refresh-replaced-" + Unguessable.text()), NOW.minusSeconds(secondsAgo));
  }

  /** The same of a grant at an issuer that publishes no metadata. */
  public static ReplacedToken statedReplacedToken(ConnectionKey key) {
    var like = replacedToken(key, 1);
    return new ReplacedToken(key, like.grant(), 1, statedTarget(), like.client(), like.token(), like.replacedAt());
  }

  public static Tokens tokens(String word) {
    return tokens(new RefreshToken("refresh-" + word + "-" + Unguessable.text()));
  }

  public static Tokens tokens(RefreshToken refreshToken) {
    return new Tokens(new AccessToken("access-" + Unguessable.text()), refreshToken, Scopes.parse("repo user"), NOW,
        NOW.plusSeconds(3600), new Identity(ISSUER.value(), "invented-subject"));
  }
}
