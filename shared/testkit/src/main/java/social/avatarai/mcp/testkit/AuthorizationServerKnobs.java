package social.avatarai.mcp.testkit;

import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link FakeAuthorizationServer} differs from a well-behaved one. Without a turn of any knob it keeps to
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
  @Nullable
  Refusal registrationRefusal;
  boolean registrationTakesScope = true;
  int registrationStatus = 201;
  Duration secretLifetime = Duration.ZERO;
  final Overrides registrationAnswer = new Overrides();
  @Nullable
  String authorizationError;
  boolean redirectsBySubdirectory;
  final Set<String> refusedScopes = new HashSet<>();
  final Overrides callback = new Overrides();
  @Nullable
  String subject;
  @Nullable
  String grantedScope;
  @Nullable
  String jwtAudience;
  Duration accessTokenLifetime = Duration.ofHours(1);
  boolean refreshTokens = true;
  boolean offlineAccessOnly;
  boolean refreshWithoutResource;
  boolean rotation = true;
  boolean forgets = true;
  Duration rotationGrace = Duration.ZERO;
  boolean revocationEndsTheClient;
  int tokenStatus = 200;
  /** 0: as RFC 6749 §5.2 has it. */
  int tokenErrorStatus;
  boolean formEncoded;
  final Overrides tokenAnswer = new Overrides();

  /** The clock by which codes, tokens and client secrets expire. */
  public AuthorizationServerKnobs clock(Clock value) {
    clock = value;
    return this;
  }

  /** A path such as {@code /tenant1} behind the origin; the endpoints lie below it. Only at the start. */
  public AuthorizationServerKnobs issuerPath(String value) {
    issuerPath = value;
    return this;
  }

  /** The forms of the metadata URL that answer; none at all for a server of before RFC 8414. */
  public AuthorizationServerKnobs wellKnown(FakeWellKnown... forms) {
    wellKnown = EnumSet.noneOf(FakeWellKnown.class);
    wellKnown.addAll(List.of(forms));
    return this;
  }

  /** A metadata member with another value, whatever the server really does; null for a JSON null. */
  public AuthorizationServerKnobs metadata(String member, @Nullable Object value) {
    metadata.set(member, value);
    return this;
  }

  public AuthorizationServerKnobs withoutMetadata(String... members) {
    metadata.remove(members);
    return this;
  }

  /** Published, and the only ones then granted; none published means that any is granted. */
  public AuthorizationServerKnobs scopesSupported(String... scopes) {
    scopesSupported = List.of(scopes);
    return this;
  }

  /** The client authentication methods that are published, and that a registration may ask for. */
  public AuthorizationServerKnobs authMethods(String... methods) {
    authMethods = List.of(methods);
    return this;
  }

  /** No dynamic registration: no endpoint in the metadata, 404 where it would be. */
  public AuthorizationServerKnobs withoutRegistration() {
    registers = false;
    return this;
  }

  /** Publishes {@code client_id_metadata_document_supported}; which documents exist: {@link FakeClient#ofDocument}. */
  public AuthorizationServerKnobs clientDocuments() {
    clientDocuments = true;
    return this;
  }

  /** Tells with each registration how to end it (RFC 7592). */
  public AuthorizationServerKnobs managesRegistrations() {
    managesRegistrations = true;
    return this;
  }

  /** Refuses every registration. */
  public AuthorizationServerKnobs refuseRegistration(int status, String error) {
    registrationRefusal = new Refusal(status, error, "registration is not open to you");
    return this;
  }

  /** Refuses a registration that names a {@code scope}, with {@code invalid_scope} (seen in the field). */
  public AuthorizationServerKnobs refuseRegistrationWithScope() {
    registrationTakesScope = false;
    return this;
  }

  /** Some servers answer 200 where RFC 7591 §3.2.1 has 201. */
  public AuthorizationServerKnobs registrationStatus(int status) {
    registrationStatus = status;
    return this;
  }

  /** Client secrets expire after this time; zero: never. */
  public AuthorizationServerKnobs secretLifetime(Duration lifetime) {
    secretLifetime = lifetime;
    return this;
  }

  /** A member of the registration answer with another value; what the server keeps stays as it was. */
  public AuthorizationServerKnobs registrationAnswer(String member, @Nullable Object value) {
    registrationAnswer.set(member, value);
    return this;
  }

  public AuthorizationServerKnobs withoutRegistrationAnswer(String... members) {
    registrationAnswer.remove(members);
    return this;
  }

  /** Every authorization request ends in this error, such as {@code access_denied}. */
  public AuthorizationServerKnobs authorizationError(String error) {
    authorizationError = error;
    return this;
  }

  /** A request for this scope ends in {@code invalid_scope}, even where it is published. */
  public AuthorizationServerKnobs refuseScope(String scope) {
    refusedScopes.add(scope);
    return this;
  }

  /**
   * Redirect URIs as GitHub documents them: each subdirectory of a registered one is accepted, the query is not looked
   * at, and the token request may name another one.
   */
  public AuthorizationServerKnobs redirectsBySubdirectory() {
    redirectsBySubdirectory = true;
    return this;
  }

  /** The {@code iss} of authorization responses, whatever the metadata says of it. */
  public AuthorizationServerKnobs iss(String value) {
    callback.set("iss", value);
    return this;
  }

  /** No {@code iss} in authorization responses; the metadata goes on promising it, see {@link #withoutIss}. */
  public AuthorizationServerKnobs issMissing() {
    callback.remove("iss");
    return this;
  }

  /** A server that does not know RFC 9207: neither sends {@code iss} nor promises it. */
  public AuthorizationServerKnobs withoutIss() {
    return issMissing().withoutMetadata("authorization_response_iss_parameter_supported");
  }

  /** The {@code state} of authorization responses, instead of the one that was sent. */
  public AuthorizationServerKnobs state(String value) {
    callback.set("state", value);
    return this;
  }

  /** The scope that is granted, whatever was asked for. */
  public AuthorizationServerKnobs grantedScope(String scope) {
    grantedScope = scope;
    return this;
  }

  /** Access tokens look like JWTs (RFC 9068) for this audience. Their signature is none. */
  public AuthorizationServerKnobs jwtAccessTokens(String audience) {
    jwtAudience = audience;
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

  /** A refresh token is only given where the scope {@code offline_access} was granted. */
  public AuthorizationServerKnobs refreshTokensOnlyForOfflineAccess() {
    offlineAccessOnly = true;
    return this;
  }

  /** A refresh that names no {@code resource} is for the granted one, as RFC 8707 §2.2 allows. */
  public AuthorizationServerKnobs refreshWithoutResource() {
    refreshWithoutResource = true;
    return this;
  }

  /**
   * Nothing ends: codes are redeemed as often as they come, and revocations and deregistrations are answered and not
   * carried out. For tests that do the same things again and again.
   */
  public AuthorizationServerKnobs withoutForgetting() {
    forgets = false;
    return this;
  }

  /** A refresh answers without a refresh token: the old one stays good. */
  public AuthorizationServerKnobs withoutRotation() {
    rotation = false;
    return this;
  }

  /** How long a refresh token that has been replaced still works. Zero: its use is a theft, and ends the grant. */
  public AuthorizationServerKnobs rotationGrace(Duration grace) {
    rotationGrace = grace;
    return this;
  }

  /** A revocation ends everything that was granted to the client of the token, as at some providers (Google). */
  public AuthorizationServerKnobs revocationEndsEverythingOfTheClient() {
    revocationEndsTheClient = true;
    return this;
  }

  /** The status of token answers that are no errors; some servers have 201. */
  public AuthorizationServerKnobs tokenStatus(int status) {
    tokenStatus = status;
    return this;
  }

  /** The status of the token endpoint's errors, such as 200, whatever RFC 6749 §5.2 says. */
  public AuthorizationServerKnobs tokenErrorStatus(int status) {
    tokenErrorStatus = status;
    return this;
  }

  /** Token answers are form-encoded, errors too. */
  public AuthorizationServerKnobs formEncodedTokenAnswers() {
    formEncoded = true;
    return this;
  }

  /** A member of the token answer with another value: {@code expires_in} as a string, another {@code token_type}. */
  public AuthorizationServerKnobs tokenAnswer(String member, @Nullable Object value) {
    tokenAnswer.set(member, value);
    return this;
  }

  public AuthorizationServerKnobs withoutTokenAnswer(String... members) {
    tokenAnswer.remove(members);
    return this;
  }
}
