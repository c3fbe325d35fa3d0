package social.avatarai.mcp.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;

class RequestTest {
  private final ObjectNode event = Json.newObject();
  private final Map<String, String> environment = new HashMap<>(
      Map.of("SESSIONS_TABLE", "s", "TOKENS_TABLE", "t", "DUE_TABLE", "d",
          "REGISTRATIONS_TABLE", "r", "SERVERS_TABLE", "v", "KEY_RING_SECRET", "k", "SIGNING_KEY_SECRET", "g",
          "CLIENT_SECRET_PREFIX", "p", "PUBLIC_BASE_URL", "https://api.example.com"));
  private Set<String> bodyParameters = Set.of("name", "other");

  private Request request() {
    return new Request(ApiEventJson.event(event), Settings.read(environment, Profiles.load()),
        Deadline.in(Duration.ofSeconds(9)),
        new Request.RouteLimits(Request.MAX_BODY_BYTES, bodyParameters));
  }

  private void query(String query) {
    event.put("rawQueryString", query);
  }

  private void body(String type, String body) {
    event.putObject("headers").put("Content-Type", type);
    event.put("body", Base64.getEncoder().encodeToString(body.getBytes(UTF_8))).put("isBase64Encoded", true);
  }

  private ObjectNode claims() {
    return event.withObject("requestContext").withObject("authorizer").withObject("jwt").withObject("claims");
  }

  private static void refused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOfSatisfying(Failure.class,
        failure -> assertThat(failure.code()).isEqualTo(code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"other=100%", "%zz=x"})
  void requestWithABrokenParameterFailsWhicheverIsRead(String broken) {
    query("name=a&" + broken);
    refused(ErrorCode.INVALID_REQUEST, () -> request().required("name"));
    assertThat(request().ofAuthorizationResponse("name")).contains("a");
  }

  @Test
  void readsAParameterFromTheQueryAFormOrAJsonBody() {
    query("name=a%20b");
    assertThat(request().required("name")).isEqualTo("a b");
    query("");
    body("application/x-www-form-urlencoded; charset=utf-8", "name=a+b");
    assertThat(request().required("name")).isEqualTo("a b");
    body("application/json", "{\"name\":\"a b\",\"list\":[1]}");
    assertThat(request().required("name")).isEqualTo("a b");
  }

  @Test
  void refusesAParameterThatIsMissingEmptyRepeatedOrTooLong() {
    refused(ErrorCode.INVALID_REQUEST, () -> request().required("name"));
    query("name=");
    refused(ErrorCode.INVALID_REQUEST, () -> request().required("name"));
    refused(ErrorCode.INVALID_REQUEST, () -> request().optional("name"));
    query("name=a&name=a");
    refused(ErrorCode.INVALID_REQUEST, () -> request().required("name"));
    query("name=" + "a".repeat(Request.MAX_PARAMETER_LENGTH + 1));
    refused(ErrorCode.INVALID_REQUEST, () -> request().required("name"));
  }

  @Test
  void refusesAParameterThatIsInTheQueryAndInTheBody() {
    query("name=a");
    body("application/json", "{\"name\":\"b\"}");
    refused(ErrorCode.INVALID_REQUEST, () -> request().required("name"));
  }

  @Test
  void refusesABodyThatIsNoObjectOrOverItsLimit() {
    body("application/json", "[]");
    refused(ErrorCode.INVALID_REQUEST, () -> request().jsonBody());
    body("application/json", "{\"name\":");
    refused(ErrorCode.INVALID_REQUEST, () -> request().required("name"));
    body("application/json", "\"" + "a".repeat(Request.MAX_BODY_BYTES) + "\"");
    refused(ErrorCode.BODY_TOO_LARGE, () -> request().jsonBody());
    event.put("body", "no base64 !").put("isBase64Encoded", true);
    refused(ErrorCode.INVALID_REQUEST, () -> request().jsonBody());
  }

  @Test
  void takesTheUserAndTheScopesFromEitherAuthorizer() {
    environment.put("REQUIRED_SCOPE", "mcp:use");
    claims().put("sub", "alice").put("scope", "openid mcp:use");
    assertThat(request().caller().user()).isEqualTo(new UserId("alice"));
    event.withObject("requestContext").putObject("authorizer").putObject("lambda").put("sub", "bob").put("scp",
        "[mcp:use mcp:operator]");
    assertThat(request().caller().user()).isEqualTo(new UserId("bob"));
    assertThat(request().caller().operator()).isTrue();
  }

  @Test
  void refusesACallerWhoIsNotVerifiedOrLacksTheScope() {
    environment.put("REQUIRED_SCOPE", "mcp:use");
    refused(ErrorCode.UNAUTHENTICATED, () -> request().caller());
    claims().put("sub", "alice").put("scope", "mcp:used");
    refused(ErrorCode.FORBIDDEN, () -> request().caller());
  }

  @Test
  void knowsTheBrowserByItsHostCookieAloneAndOnlyByOne() {
    event.putArray("cookies").add("mcp=theirs").add("__Host-mcp=ours");
    assertThat(request().browserKey()).hasValueSatisfying(key -> assertThat(key.reveal()).isEqualTo("ours"));
    event.putArray("cookies").add("__Host-mcp=ours").add("__Host-mcp=theirs");
    assertThat(request().browserKey()).isEmpty();
  }

  @Test
  void knowsTheCookieWhereverTheGatewayPutsIt() {
    event.putObject("headers").put("cookie", "a=b; __Host-mcp=ours");
    assertThat(request().browserKey()).hasValueSatisfying(key -> assertThat(key.reveal()).isEqualTo("ours"));
  }

  @Test
  void takesTheDomainNameOfTheRequestWhereNoBaseIsSet() {
    environment.remove("PUBLIC_BASE_URL");
    event.withObject("requestContext").put("domainName", "abc123.execute-api.example.com");
    assertThat(request().invocation().base().value()).isEqualTo("https://abc123.execute-api.example.com");
  }

  static Stream<Arguments> idTokens() {
    return Stream.of(Arguments.of("token_use", "id"), Arguments.of("typ", "ID"), Arguments.of("nonce", "n-0S6_WzA2Mj"),
        Arguments.of("at_hash", "77QmUPtjPfzWtF2AnpK9RQ"), Arguments.of("c_hash", "LDktKdoQak3Pk0cnXxCltA"),
        Arguments.of("s_hash", "LDktKdoQak3Pk0cnXxCltA"));
  }

  /** API Gateway's own authorizer accepts ID tokens. */
  @ParameterizedTest
  @MethodSource("idTokens")
  void anIdTokenIsNoCaller(String claim, String value) {
    claims().put("sub", "alice").put("scope", "mcp:use").put(claim, value);
    refused(ErrorCode.UNAUTHENTICATED, () -> request().caller());
  }

  static Stream<Arguments> otherKinds() {
    return Stream.of(Arguments.of("typ", "Logout"), Arguments.of("typ", "logout+jwt"), Arguments.of("typ", "Refresh"),
        Arguments.of("typ", "Offline"), Arguments.of("token_introspection", "map[active:true]"),
        Arguments.of("events", "map[http://schemas.openid.net/event/backchannel-logout:map[]]"),
        Arguments.of("events", "{\"http://schemas.openid.net/event/backchannel-logout\":{}}"));
  }

  /** The attack: the issuer's logout tokens and security events are signed by the same keys, and were callers. */
  @ParameterizedTest
  @MethodSource("otherKinds")
  void anotherKindOfJwtIsNoCaller(String claim, String value) {
    environment.remove("REQUIRED_SCOPE");
    claims().put("sub", "alice").put(claim, value);
    refused(ErrorCode.UNAUTHENTICATED, () -> request().caller());
  }

  @Test
  void aLogoutTokenIsNoCallerEvenIfOnlyItsHeaderSaysThatItIsOne() {
    environment.remove("REQUIRED_SCOPE");
    claims().put("sub", "alice");
    for (String type : List.of("logout+jwt", "secevent+jwt", "application/logout+JWT", "dpop+jwt", "id_token+jwt")) {
      authorizedWith("{\"alg\":\"RS256\",\"typ\":\"" + type + "\"}");
      refused(ErrorCode.UNAUTHENTICATED, () -> request().caller());
    }
    for (String header : List.of("{\"typ\":\"at+jwt\"}", "{\"typ\":\"application/at+jwt\"}", "{\"typ\":\"JWT\"}", "{}",
        "")) {
      authorizedWith(header);
      assertThat(request().caller().user().value()).isEqualTo("alice");
    }
  }

  private void authorizedWith(String header) {
    event.withObject("headers").put("authorization",
        "Bearer " + Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(UTF_8)) + ".e30.AA");
  }

  /** A bare token, and claims of the app's own that only look alike. */
  @Test
  void aTokenThatSaysNothingOfItsKindIsACaller() {
    environment.remove("REQUIRED_SCOPE");
    claims().put("sub", "alice").put("events", "[concerts fairs]").put("typ", "member");
    assertThat(request().caller().user().value()).isEqualTo("alice");
  }

  @Test
  void aTokenForItsOwnClientWithoutScopesIsNoCaller() {
    environment.remove("REQUIRED_SCOPE");
    claims().put("sub", "alice").put("aud", "client-1").put("azp", "client-1");
    refused(ErrorCode.UNAUTHENTICATED, () -> request().caller());
    claims().put("azp", "client-2");
    assertThat(request().caller().user().value()).isEqualTo("alice");
    claims().put("client_id", "client-1").put("aud", "[client-1]");
    refused(ErrorCode.UNAUTHENTICATED, () -> request().caller());
    claims().put("scope", "mcp:use");
    assertThat(request().caller().user().value()).isEqualTo("alice");
  }

  /** Older Keycloaks copy the nonce into access tokens. */
  @Test
  void aTokenThatSaysThatItIsAnAccessTokenIsOne() {
    claims().put("sub", "alice").put("scope", "mcp:use").put("token_use", "access").put("nonce", "n-0S6_WzA2Mj");
    assertThat(request().caller().user().value()).isEqualTo("alice");
    claims().put("token_use", "").put("typ", "Bearer");
    assertThat(request().caller().user().value()).isEqualTo("alice");
  }

  @Test
  void keepsTheBrowsersKeyIfThereIsOneAndMakesOneOtherwise() {
    event.putArray("cookies").add("__Host-mcp=ours");
    assertThat(request().consent().browser().reveal()).isEqualTo("ours");
    event.putArray("cookies").add("mcp=ours");
    assertThat(request().consent().browser().reveal()).isNotEqualTo("ours").hasSizeGreaterThan(40)
        .isNotEqualTo(request().consent().browser().reveal());
  }
}
