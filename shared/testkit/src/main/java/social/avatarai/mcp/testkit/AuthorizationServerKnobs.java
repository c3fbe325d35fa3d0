package social.avatarai.mcp.testkit;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Scopes;

/**
 * The ways in which a {@link FakeAuthorizationServer} differs from a conformant server. Without any knob it follows
 * OAuth 2.1, RFC 8414, RFC 7591, RFC 7636, RFC 8707, RFC 9207 and RFC 7009.
 */
public final class AuthorizationServerKnobs {
  Clock clock = Clock.systemUTC();
  String issuerPath = "";
  Set<FakeWellKnown> wellKnown = EnumSet.of(FakeWellKnown.OAUTH_INSERTED);
  final Overrides metadata = new Overrides();
  List<String> scopesSupported = List.of();
  List<String> authMethods = List.of("client_secret_basic", "client_secret_post", "none");
  boolean registers = true;
  boolean clientDocuments;
  boolean managesRegistrations;
  boolean oneClientForEqualRegistrations;
  @Nullable
  Refusal registrationRefusal;
  boolean registrationTakesScope = true;
  final Set<String> refusedMembers = new HashSet<>();
  List<String> grantTypes = List.of("authorization_code", "refresh_token");
  boolean refreshNamesScope;
  @Nullable
  Scopes defaultScopes;
  boolean namesDefaultScopes;
  int registrationStatus = 201;
  Duration secretLifetime = Duration.ZERO;
  final Overrides registrationResponse = new Overrides();
  @Nullable
  String authorizationError;
  boolean redirectsBySubdirectory;
  boolean pushedRequests;
  boolean pushedRequestsOnly;
  final Overrides pushedResponse = new Overrides();
  final Set<String> refusedScopes = new HashSet<>();
  final Overrides callback = new Overrides();
  final FakeAccounts accounts = new FakeAccounts();
  @Nullable
  String grantedScope;
  @Nullable
  String refreshedScope;
  @Nullable
  String jwtAudience;
  Duration codeLifetime = Duration.ofMinutes(1);
  Duration accessTokenLifetime = Duration.ofHours(1);
  boolean refreshTokens = true;
  @Nullable
  String offlineScope;
  boolean refreshWithoutResource;
  boolean rotation = true;
  boolean forgets = true;
  Duration rotationGrace = Duration.ZERO;
  boolean revocationEndsTheClient;
  boolean revokesAccessTokensOnly;
  int tokenStatus = 200;
  /** 0: the status that RFC 6749 §5.2 demands. */
  int tokenErrorStatus;
  boolean formEncoded;
  final Overrides tokenResponse = new Overrides();
  @Nullable
  String contentEncoding;
  UnaryOperator<String> wrapping = UnaryOperator.identity();
  final ProviderKnobs provider = new ProviderKnobs();

  /** The clock for the expiry of codes, tokens and client secrets. */
  public AuthorizationServerKnobs clock(Clock value) {
    clock = value;
    return this;
  }

  /** A path such as {@code /tenant1} after the origin; the endpoints are below this path. Only before the start. */
  public AuthorizationServerKnobs issuerPath(String value) {
    issuerPath = value;
    return this;
  }

  /** The forms of the metadata URL that exist; none for a server without RFC 8414. */
  public AuthorizationServerKnobs wellKnown(FakeWellKnown... forms) {
    wellKnown = EnumSet.noneOf(FakeWellKnown.class);
    wellKnown.addAll(List.of(forms));
    return this;
  }

  /** A metadata member with another value, independent of the server's behaviour; null for a JSON null. */
  public AuthorizationServerKnobs metadata(String member, @Nullable Object value) {
    metadata.set(member, value);
    return this;
  }

  public AuthorizationServerKnobs withoutMetadata(String... members) {
    metadata.remove(members);
    return this;
  }

  /** The published scopes, which are then the only scopes granted. If none are published, every scope is granted. */
  public AuthorizationServerKnobs scopesSupported(String... scopes) {
    scopesSupported = List.of(scopes);
    return this;
  }

  /** The client authentication methods that the server publishes and that a registration may ask for. */
  public AuthorizationServerKnobs authMethods(String... methods) {
    authMethods = List.of(methods);
    return this;
  }

  /** No dynamic registration: no endpoint in the metadata, and a 404 at the endpoint's URL. */
  public AuthorizationServerKnobs withoutRegistration() {
    registers = false;
    return this;
  }

  /**
   * Publishes {@code client_id_metadata_document_supported}; the known documents are added with
   * {@link FakeClient#ofDocument}.
   */
  public AuthorizationServerKnobs clientDocuments() {
    clientDocuments = true;
    return this;
  }

  /** Each registration response says how to delete the registration (RFC 7592). */
  public AuthorizationServerKnobs managesRegistrations() {
    managesRegistrations = true;
    return this;
  }

  /** Equal registrations get the same client and the same management token, also after the client was deleted. */
  public AuthorizationServerKnobs oneClientForEqualRegistrations() {
    oneClientForEqualRegistrations = true;
    return this;
  }

  /** Refuses every registration. */
  public AuthorizationServerKnobs refuseRegistration(int status, String error) {
    registrationRefusal = new Refusal(status, error, "registration is not open to you");
    return this;
  }

  /** Refuses a registration that names a {@code scope}, with {@code invalid_scope}, as some real servers do. */
  public AuthorizationServerKnobs refuseRegistrationWithScope() {
    registrationTakesScope = false;
    return this;
  }

  /** Refuses a registration with one of these members, as servers with a strict JSON validator do. */
  public AuthorizationServerKnobs refuseRegistrationMembers(String... members) {
    refusedMembers.addAll(List.of(members));
    return this;
  }

  /** The grant types that the server publishes and that a registration may ask for. */
  public AuthorizationServerKnobs grantTypes(String... types) {
    grantTypes = List.of(types);
    return this;
  }

  /** A refresh must name its scopes, as at Entra. */
  public AuthorizationServerKnobs refreshNamesScope() {
    refreshNamesScope = true;
    return this;
  }

  /**
   * A client may request the scopes of its registration alone, or these if its registration names none. Real servers do
   * this, with {@code invalid_scope}; only some of them name the scopes in the registration response.
   */
  public AuthorizationServerKnobs clientsHaveScopes(String defaults, boolean named) {
    defaultScopes = Scopes.parse(defaults);
    namesDefaultScopes = named;
    return this;
  }

  /** The status of registration responses. Some servers return 200 although RFC 7591 §3.2.1 demands 201. */
  public AuthorizationServerKnobs registrationStatus(int status) {
    registrationStatus = status;
    return this;
  }

  /** The lifetime of client secrets; zero means that they never expire. */
  public AuthorizationServerKnobs secretLifetime(Duration lifetime) {
    secretLifetime = lifetime;
    return this;
  }

  /** A member of the registration response with another value. The stored registration does not change. */
  public AuthorizationServerKnobs registrationResponse(String member, @Nullable Object value) {
    registrationResponse.set(member, value);
    return this;
  }

  public AuthorizationServerKnobs withoutRegistrationResponse(String... members) {
    registrationResponse.remove(members);
    return this;
  }

  /** Who consents, and how this server names the account. */
  public AuthorizationServerKnobs accounts(Consumer<FakeAccounts> change) {
    change.accept(accounts);
    return this;
  }

  /** Every authorization request ends with this error, such as {@code access_denied}. */
  public AuthorizationServerKnobs authorizationError(String error) {
    authorizationError = error;
    return this;
  }

  /** A request for this scope ends with {@code invalid_scope}, even if the scope is published. */
  public AuthorizationServerKnobs refuseScope(String scope) {
    refusedScopes.add(scope);
    return this;
  }

  /** The server takes pushed authorization requests (RFC 9126). */
  public AuthorizationServerKnobs pushedRequests() {
    pushedRequests = true;
    return this;
  }

  /** The server takes no other authorization requests. */
  public AuthorizationServerKnobs pushedRequestsOnly() {
    pushedRequestsOnly = true;
    return pushedRequests();
  }

  /** A member of the response to a pushed request with another value. */
  public AuthorizationServerKnobs pushedResponse(String member, @Nullable Object value) {
    pushedResponse.set(member, value);
    return this;
  }

  public AuthorizationServerKnobs withoutPushedResponse(String... members) {
    pushedResponse.remove(members);
    return this;
  }

  /**
   * Redirect URIs as GitHub documents them: every subdirectory of a registered URI is accepted, the query is ignored,
   * and the token request may name another URI.
   */
  public AuthorizationServerKnobs redirectsBySubdirectory() {
    redirectsBySubdirectory = true;
    return this;
  }

  /** The {@code iss} of authorization responses, independent of the metadata. */
  public AuthorizationServerKnobs iss(String value) {
    callback.set("iss", value);
    return this;
  }

  /**
   * No {@code iss} in authorization responses, although the metadata still promises {@code iss}; see
   * {@link #withoutIss}.
   */
  public AuthorizationServerKnobs issMissing() {
    callback.remove("iss");
    return this;
  }

  /** A server without RFC 9207, which neither sends nor promises {@code iss}. */
  public AuthorizationServerKnobs withoutIss() {
    return issMissing().withoutMetadata("authorization_response_iss_parameter_supported");
  }

  /** The {@code state} of authorization responses, instead of the client's state. */
  public AuthorizationServerKnobs state(String value) {
    callback.set("state", value);
    return this;
  }

  /** The granted scope, independent of the requested scope. */
  public AuthorizationServerKnobs grantedScope(String scope) {
    grantedScope = scope;
    return this;
  }

  /** The scope that the response to a refresh names, instead of the granted scope; null for the granted scope. */
  public AuthorizationServerKnobs refreshedScope(@Nullable String scope) {
    refreshedScope = scope;
    return this;
  }

  /** Access tokens look like JWTs (RFC 9068) for this audience. They have no valid signature. */
  public AuthorizationServerKnobs jwtAccessTokens(String audience) {
    jwtAudience = audience;
    return this;
  }

  /** How long a code can be redeemed. */
  public AuthorizationServerKnobs codeLifetime(Duration lifetime) {
    codeLifetime = lifetime;
    return this;
  }

  public AuthorizationServerKnobs accessTokenLifetime(Duration lifetime) {
    accessTokenLifetime = lifetime;
    return this;
  }

  public AuthorizationServerKnobs withoutRefreshTokens() {
    refreshTokens = false;
    return this;
  }

  /** From now on refresh tokens are issued again. */
  public AuthorizationServerKnobs withRefreshTokens() {
    refreshTokens = true;
    return this;
  }

  /** A refresh token is only issued if the scope {@code offline_access} was granted. */
  public AuthorizationServerKnobs refreshTokensOnlyForOfflineAccess() {
    return refreshTokensOnlyFor("offline_access");
  }

  /** A refresh token is only issued if this scope was granted, such as {@code offline.access} at X. */
  public AuthorizationServerKnobs refreshTokensOnlyFor(String scope) {
    offlineScope = scope;
    return this;
  }

  /** A refresh without {@code resource} is for the granted resource, as RFC 8707 §2.2 allows. */
  public AuthorizationServerKnobs refreshWithoutResource() {
    refreshWithoutResource = true;
    return this;
  }

  /**
   * Nothing expires or is revoked. Codes can be redeemed many times, and revocations and deregistrations succeed
   * without effect. For tests that repeat the same requests.
   */
  public AuthorizationServerKnobs withoutForgetting() {
    forgets = false;
    return this;
  }

  /** A refresh response has no refresh token; the old token stays valid. */
  public AuthorizationServerKnobs withoutRotation() {
    rotation = false;
    return this;
  }

  /** How long a replaced refresh token still works. With zero, its use counts as theft and ends the grant. */
  public AuthorizationServerKnobs rotationGrace(Duration grace) {
    rotationGrace = grace;
    return this;
  }

  /** A revocation ends all grants of the token's client, as at some providers (Google). */
  public AuthorizationServerKnobs revocationEndsEverythingOfTheClient() {
    revocationEndsTheClient = true;
    return this;
  }

  /** A refresh token cannot be revoked: {@code unsupported_token_type} (RFC 7009 §2.2.1). */
  public AuthorizationServerKnobs revokesAccessTokensOnly() {
    revokesAccessTokensOnly = true;
    return this;
  }

  /** The status of successful token responses; some servers use 201. */
  public AuthorizationServerKnobs tokenStatus(int status) {
    tokenStatus = status;
    return this;
  }

  /** The status of the token endpoint's errors, such as 200, against RFC 6749 §5.2. */
  public AuthorizationServerKnobs tokenErrorStatus(int status) {
    tokenErrorStatus = status;
    return this;
  }

  /** Token responses are form-encoded, including errors. */
  public AuthorizationServerKnobs formEncodedTokenResponses() {
    formEncoded = true;
    return this;
  }

  /** A member of the token response with another value: {@code expires_in} as a string, another {@code token_type}. */
  public AuthorizationServerKnobs tokenResponse(String member, @Nullable Object value) {
    tokenResponse.set(member, value);
    return this;
  }

  public AuthorizationServerKnobs withoutTokenResponse(String... members) {
    tokenResponse.remove(members);
    return this;
  }

  /** Token and registration responses come in these content codings, whatever the client accepts; null for none. */
  public AuthorizationServerKnobs contentEncoding(@Nullable String codings) {
    contentEncoding = codings;
    return this;
  }

  /** What proxies and careless servers do to the text of token and registration responses. */
  public AuthorizationServerKnobs wrapping(UnaryOperator<String> change) {
    wrapping = change;
    return this;
  }

  /** The ways of a provider with its own kind of OAuth. */
  public AuthorizationServerKnobs provider(Consumer<ProviderKnobs> turn) {
    turn.accept(provider);
    return this;
  }

  /** The path of an endpoint that is called by its path below the issuer. */
  String pathOf(String endpoint) {
    if (endpoint.equals("/revoke") && provider.revokesAtTheTokenEndpoint) return pathOf("/token");
    return provider.placeOf(endpoint).orElse(issuerPath + endpoint);
  }

  /** The endpoint at a path; empty if there is none of this server. */
  Optional<String> endpointAt(String path) {
    return provider.endpointAt(path).or(() -> Optional.of(path).filter(p -> p.startsWith(issuerPath + "/"))
        .map(p -> p.substring(issuerPath.length())).filter(endpoint -> provider.placeOf(endpoint).isEmpty()));
  }

  /** A response as it leaves the server. */
  Response wrapped(Response response) {
    var changed = new Response(response.status(), response.headers(), wrapping.apply(response.body()));
    return contentEncoding == null ? changed : changed.with("Content-Encoding", contentEncoding);
  }
}
