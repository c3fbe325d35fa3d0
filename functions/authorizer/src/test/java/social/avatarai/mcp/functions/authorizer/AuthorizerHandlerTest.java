package social.avatarai.mcp.functions.authorizer;

import static com.nimbusds.jose.JWSAlgorithm.ES256;
import static com.nimbusds.jose.JWSAlgorithm.ES256K;
import static com.nimbusds.jose.JWSAlgorithm.PS256;
import static com.nimbusds.jose.JWSAlgorithm.RS256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.lambda.ApiHandler;
import social.avatarai.mcp.lambda.Reply;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.lambda.replay.Replay;
import social.avatarai.mcp.lambda.replay.TestPlatform;
import social.avatarai.mcp.testkit.FixedClock;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.testkit.event.AsHttp;
import social.avatarai.mcp.testkit.event.SampleEvent;

class AuthorizerHandlerTest {
  private final FixedClock clock = FixedClock.started();
  private final TestIssuer issuer = new TestIssuer(clock);
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final TestPlatform platform = new TestPlatform(clock).with("JWKS_URI", issuer.url())
      .with("JWT_ISSUER", TestIssuer.ISSUER).with("JWT_AUDIENCE", "https://other.example.com," + TestIssuer.AUDIENCE);
  private final AuthorizerHandler handler = handler();

  @AfterEach
  void close() {
    issuer.close();
  }

  static Stream<Arguments> algorithms() {
    return Stream.of(Arguments.of("RS256", TestIssuer.RSA), Arguments.of("RS384", TestIssuer.RSA),
        Arguments.of("RS512", TestIssuer.RSA), Arguments.of("PS256", TestIssuer.RSA),
        Arguments.of("ES256", TestIssuer.P_256), Arguments.of("ES256K", TestIssuer.SECP256K1));
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void authorizesATokenOfTheIssuer(String algorithm, JWK key) {
    var response = ask(issuer.token(JWSAlgorithm.parse(algorithm), key));

    assertThat(response.path("isAuthorized").booleanValue()).isTrue();
    assertThat(response.path("context").path("sub").textValue()).isEqualTo("did:plc:exampleuser000000000000");
    assertThat(response.path("context").path("scope").textValue()).isEqualTo("mcp:use");
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void deniesASignatureByAnotherKeyUnderAKnownId(String algorithm, JWK key) {
    var other = key.getKeyID().equals("rsa")
        ? TestIssuer.rsa("rsa", IssuerKeys.MIN_RSA_BITS)
        : TestIssuer.ec(((ECKey) key).getCurve(), key.getKeyID());
    assertDenied(issuer.token(JWSAlgorithm.parse(algorithm), other), "signature");
  }

  @Test
  void handsOnSingleClaimsAsTextsAndScopesAsOneText() {
    var context = ask(issuer.token(ES256, TestIssuer.P_256,
        claims -> claims.claim("scope", null).claim("scp", List.of("mcp:use", "mcp:operator")).claim("level", 3)
            .claim("verified", true).claim("address", Map.of("city", "x")).audience(List.of("x", TestIssuer.AUDIENCE))))
        .path("context");

    assertThat(context.propertyStream().map(Map.Entry::getKey)).containsExactlyInAnyOrder("iss", "sub", "exp", "iat",
        "level", "verified", "scope");
    assertThat(context.valueStream()).allMatch(JsonNode::isTextual);
    assertThat(context.path("scope").textValue()).isEqualTo("mcp:use mcp:operator");
    assertThat(context.path("level").textValue()).isEqualTo("3");
  }

  @Test
  void handlersReadTheContextAsTheirCaller() {
    var context = ask(issuer.token(ES256, TestIssuer.P_256,
        claims -> claims.claim("scope", List.of("mcp:use", "mcp:operator")))).path("context");
    var behind = new ApiHandler(platform.wiring()) {
      @Override
      protected Reply handle(Request request) {
        return Reply.ok(Json.newObject().put("user", request.caller().user().value())
            .put("operator", request.caller().operator()));
      }
    };
    var event = Json.newObject();
    event.putObject("requestContext").putObject("authorizer").set("lambda", context);

    assertThat(Replay.invoke(behind, event.toString()).path("body").textValue())
        .isEqualTo("{\"user\":\"did:plc:exampleuser000000000000\",\"operator\":true}");
  }

  /** OpenID Connect Back-Channel Logout §2.4. */
  private static final String LOGOUT = "http://schemas.openid.net/event/backchannel-logout";

  static Stream<Arguments> badClaims() {
    return Stream.of(bad("issuer", claims -> claims.issuer(TestIssuer.ISSUER + "/")),
        bad("issuer", claims -> claims.issuer(null)),
        bad("audience", claims -> claims.audience("https://x.example.com")),
        bad("audience", claims -> claims.audience(List.of())), bad("no expiry", claims -> claims.expirationTime(null)),
        bad("no expiry", claims -> claims.claim("exp", "4102444800")),
        bad("expired", claims -> claims.expirationTime(at(-60))),
        bad("not valid yet", claims -> claims.notBeforeTime(at(61))),
        bad("not valid yet", claims -> claims.claim("nbf", "now")),
        bad("issued in the future", claims -> claims.issueTime(at(61))),
        bad("ID token", claims -> claims.claim("token_use", "id")),
        bad("ID token", claims -> claims.claim("typ", "ID")), bad("ID token", claims -> claims.claim("nonce", "n")),
        bad("ID token", claims -> claims.claim("at_hash", "h")), bad("ID token", claims -> claims.claim("c_hash", "h")),
        bad("type", claims -> claims.claim("typ", "Logout")), bad("type", claims -> claims.claim("typ", "logout+jwt")),
        bad("type", claims -> claims.claim("typ", "Refresh")), bad("type", claims -> claims.claim("typ", "Offline")),
        bad("another kind of JWT", claims -> claims.claim("events", Map.of(LOGOUT, Map.of()))),
        bad("another kind of JWT", claims -> claims.claim("token_introspection", Map.of("active", true))),
        bad("audience is the client",
            claims -> claims.claim("azp", TestIssuer.AUDIENCE).claim("scope", null)),
        bad("audience is the client",
            claims -> claims.claim("client_id", TestIssuer.AUDIENCE).claim("scope", null)
                .audience(List.of(TestIssuer.AUDIENCE))));
  }

  @ParameterizedTest
  @MethodSource("badClaims")
  void deniesATokenForItsClaims(String reason, UnaryOperator<JWTClaimsSet.Builder> change) {
    assertDenied(issuer.token(ES256, TestIssuer.P_256, change), reason);
  }

  @Test
  void allowsForAMinuteBetweenTheClocks() {
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256,
        claims -> claims.expirationTime(at(-59)).notBeforeTime(at(60)).issueTime(at(60))));
  }

  @Test
  void deniesAnUnsignedToken() {
    assertDenied(encode("{\"alg\":\"none\"}") + "." + encode(issuer.claims().build().toString()) + ".",
        "not a signed JWT");
  }

  @Test
  void deniesAnHmacMadeWithThePublicKey() throws JOSEException {
    var jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("rsa").build(), issuer.claims().build());
    jwt.sign(new MACSigner(TestIssuer.RSA.toRSAPublicKey().getEncoded()));

    assertDenied(jwt.serialize(), "algorithm");
    assertThat(issuer.fetches()).isZero();
  }

  @Test
  void deniesAnAlgorithmThatIsNotOfTheKey() {
    var mixed = new JWSHeader.Builder(RS256).keyID("p-256").build();
    assertDenied(TestIssuer.token(mixed, TestIssuer.RSA, issuer.claims().build()), "no such key");
    issuer.publish(new RSAKey.Builder(TestIssuer.RSA).algorithm(PS256).build());
    clock.advance(Duration.ofMinutes(10));
    assertDenied(issuer.token(RS256, TestIssuer.RSA), "no such key");
    assertAuthorized(issuer.token(PS256, TestIssuer.RSA));
  }

  private static JWSHeader typed(String type) {
    return new JWSHeader.Builder(ES256).keyID("p-256").type(new JOSEObjectType(type)).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"id_token", "JWT+id", "id_token+jwt", "logout+jwt", "dpop+jwt", "at_jwt", "secevent+jwt",
      "application/logout+jwt", "client-authentication+jwt", "token-introspection+jwt", "oauth-authz-req+jwt", "jose"})
  void deniesATokenWhoseHeaderSaysThatItIsNoAccessToken(String type) {
    assertDenied(TestIssuer.token(typed(type), TestIssuer.P_256, issuer.claims().build()), "type");
  }

  @ParameterizedTest
  @ValueSource(strings = {"at+jwt", "AT+JWT", "application/at+jwt", "JWT", "jwt"})
  void authorizesTheTypesOfAccessTokens(String type) {
    assertAuthorized(TestIssuer.token(typed(type), TestIssuer.P_256, issuer.claims().build()));
  }

  @Test
  void connectsToNoNetworkThatTheOperatorForbids() {
    platform.with("FORBIDDEN_NETWORKS", "127.0.0.0/8,::1/128");
    assertThatThrownBy(() -> Replay.invoke(handler(), event("Bearer " + issuer.token(ES256, TestIssuer.P_256))))
        .isInstanceOf(Failure.class);
    assertThat(issuer.fetches()).isZero();
    platform.with("FORBIDDEN_NETWORKS", "127.0.0.1");
    assertThatThrownBy(this::handler).hasMessageContaining("FORBIDDEN_NETWORKS must be networks");
  }

  @Test
  void deniesUnknownExtensions() {
    var critical = new JWSHeader.Builder(ES256).keyID("p-256").criticalParams(Set.of("example"))
        .customParam("example", true).build();
    assertDenied(TestIssuer.token(critical, TestIssuer.P_256, issuer.claims().build()), "critical header");
  }

  @Test
  void deniesAKeyThatTheTokenItselfBrings() {
    var own = TestIssuer.ec(Curve.P_256, "p-256");
    var header = new JWSHeader.Builder(ES256).keyID("p-256").jwk(own.toPublicJWK()).build();
    assertDenied(TestIssuer.token(header, own, issuer.claims().build()), "signature");
  }

  @Test
  void authorizesAnAccessTokenThatNamesNoKey() {
    var header = new JWSHeader.Builder(ES256K).type(new JOSEObjectType("at+jwt")).build();
    assertAuthorized(TestIssuer.token(header, TestIssuer.SECP256K1, issuer.claims().build()));
  }

  @Test
  void deniesAChangedToken() {
    var parts = issuer.token(ES256, TestIssuer.P_256).split("\\.", -1);
    var claims = new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8).replace("exampleuser", "anotheruser");
    assertDenied(parts[0] + "." + encode(claims) + "." + parts[2], "signature");
    assertDenied(parts[0] + "." + parts[1] + "." + parts[2].substring(4), "signature");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ".", "..", "...", "a.b.c", "e30.e30.e30", "bnVsbA.e30.AA", "eyJhbGciOjF9.e30.AA",
      "eyJhbGciOiJFUzI1NiIsImtpZCI6MX0.e30.AA", "eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.W10.",
      "eyJhbGciOiJFUzI1NiIsImtpZCI6InAtMjU2In0.W10.AA", "eyJhbGciOiJFUzI1NksifQ.W10.AA", "\u0000", "ü.ü.ü"})
  void deniesGarbage(String token) {
    assertThat(ask(token).toString()).isEqualTo("{\"isAuthorized\":false,\"context\":{}}");
  }

  @Test
  void looksForAnUnknownKeyAtMostOnceAMinute() {
    var later = TestIssuer.ec(Curve.P_256, "later");
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256));
    assertDenied(issuer.token(ES256, later), "no such key");
    assertThat(issuer.fetches()).isEqualTo(1);

    issuer.publish(later);
    clock.advance(Duration.ofMinutes(1));
    assertAuthorized(issuer.token(ES256, later));
    assertDenied(issuer.token(ES256, TestIssuer.ec(Curve.P_256, "never")), "no such key");
    assertThat(issuer.fetches()).isEqualTo(2);
  }

  @Test
  void keepsTheKeysForTenMinutes() {
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256));
    issuer.publish(TestIssuer.RSA);
    clock.advance(Duration.ofMinutes(10).minusSeconds(1));
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256));
    clock.advance(Duration.ofSeconds(1));
    assertDenied(issuer.token(ES256, TestIssuer.P_256), "no such key");
    assertThat(issuer.fetches()).isEqualTo(2);
  }

  @Test
  void usesKnownKeysForAnHourWhileTheIssuerIsUnreachable() {
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256));
    issuer.http().endpoint().next(Response.of(503), Response.of(503));
    clock.advance(Duration.ofMinutes(30));
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256));
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256));
    assertThat(issuer.fetches()).isEqualTo(2);
    clock.advance(Duration.ofMinutes(30));
    assertThatThrownBy(() -> ask(issuer.token(ES256, TestIssuer.P_256))).isInstanceOf(Failure.ProtocolBroken.class);
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{}", "{\"keys\":{}}", "no JSON"})
  void failsWhereNoKeysAreServed(String body) {
    issuer.http().endpoint().next(Response.of(200).body("application/json", body));
    assertThatThrownBy(() -> ask(issuer.token(ES256, TestIssuer.P_256))).isInstanceOf(Failure.ProtocolBroken.class);
  }

  @Test
  void passesOverKeysThatItDoesNotUnderstandAndShortOnes() {
    var small = TestIssuer.rsa("short", IssuerKeys.MIN_RSA_BITS / 2);
    issuer.publish("{\"kty\":\"NEW\",\"kid\":\"a\"}", "{\"kty\":\"EC\",\"crv\":\"P-1\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{}", "1",
        "{\"kty\":\"oct\",\"kid\":\"p-256\",\"k\":\"AAAA\"}", small.toPublicJWK().toJSONString(),
        TestIssuer.P_256.toPublicJWK().toJSONString());
    assertAuthorized(issuer.token(ES256, TestIssuer.P_256));
    assertDenied(issuer.token(RS256, small), "no such key");
  }

  @Test
  void refusesKeysAtAnAddressOfTheInside() {
    platform.with(AddressPolicy.publicInternet());
    assertThatThrownBy(() -> Replay.invoke(handler(), event("Bearer " + issuer.token(ES256, TestIssuer.P_256))))
        .isInstanceOf(Failure.BadRequest.class);
    assertThat(issuer.fetches()).isZero();
  }

  @Test
  void refusesToStartWithoutItsSettings() {
    platform.with("JWKS_URI", "http://issuer.example.com/jwks").with("JWT_ISSUER", " ").with("JWT_AUDIENCE", ",");
    assertThatThrownBy(this::handler).isInstanceOf(Failure.Misconfigured.class)
        .hasMessage(
            "The settings are wrong: JWKS_URI must be an https URL; JWT_ISSUER is missing; JWT_AUDIENCE names no audience.");
    platform.with("JWKS_URI", "").with("JWT_AUDIENCE", "");
    assertThatThrownBy(this::handler)
        .hasMessage("The settings are wrong: JWKS_URI is missing; JWT_ISSUER is missing; JWT_AUDIENCE is missing.");
  }

  @Test
  void logsOneLineWithoutTheToken() {
    var token = issuer.token(ES256, TestIssuer.P_256);
    assertAuthorized(token);
    assertThat(log.toString(UTF_8)).hasLineCount(1).contains("\"authorized\"").doesNotContain(token.substring(0, 20));
  }

  @TestFactory
  Stream<DynamicTest> repliesToEverySampleEventAsExpected() {
    var events = SampleEvent.of(Path.of("..", "..", "events"), "authorizer");
    assertThat(events).isNotEmpty();
    return events.stream().map(event -> DynamicTest.dynamicTest(event.name(),
        () -> assertThat(event.judge(AsHttp.of(Replay.invoke(handler, event.text())))).isEmpty()));
  }

  private AuthorizerHandler handler() {
    return new AuthorizerHandler(platform, new Journal(new PrintStream(log, true, UTF_8), clock));
  }

  private JsonNode ask(String token) {
    return Replay.invoke(handler, event("bearer " + token));
  }

  private static String event(String authorization) {
    var event = Json.newObject();
    event.putObject("headers").put("Authorization", authorization);
    return event.toString();
  }

  private void assertAuthorized(String token) {
    assertThat(ask(token).path("isAuthorized").booleanValue()).isTrue();
  }

  private void assertDenied(String token, String reason) {
    assertThat(ask(token).toString()).isEqualTo("{\"isAuthorized\":false,\"context\":{}}");
    assertThat(log.toString(UTF_8)).contains("\"denied: " + reason + "\"");
  }

  private static Arguments bad(String reason, UnaryOperator<JWTClaimsSet.Builder> change) {
    return Arguments.of(reason, change);
  }

  private static Date at(long secondsFromNow) {
    return Date.from(Instant.parse("2026-01-02T03:04:05Z").plusSeconds(secondsFromNow));
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }
}
