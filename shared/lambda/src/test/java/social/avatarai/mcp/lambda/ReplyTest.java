package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;

/** How a failure looks in a response. */
class ReplyTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private static Failure unreachable() {
    return new Failure.Unreachable(ErrorCode.UPSTREAM_UNREACHABLE, "The server cannot answer now.", "", false);
  }

  private static JsonNode event(Reply reply) {
    return event(reply, "");
  }

  private static JsonNode event(Reply reply, String publicBase) {
    var settings = Settings.read(
        Map.of("SESSIONS_TABLE", "s", "TOKENS_TABLE", "t", "DUE_TABLE", "d", "REGISTRATIONS_TABLE", "r",
            "SERVERS_TABLE", "v", "KEY_RING_SECRET", "k", "SIGNING_KEY_SECRET", "g", "CLIENT_SECRET_PREFIX", "c",
            "PUBLIC_BASE_URL", publicBase),
        new Profiles(List.of()));
    var limits = new Request.RouteLimits(Request.MAX_BODY_BYTES, Set.of());
    var request = new Request(new APIGatewayV2HTTPEvent(), settings, Deadline.in(Duration.ofSeconds(1)), limits);
    var json = new ByteArrayOutputStream();
    try {
      ApiEventJson.write(reply.response(request, NOW), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Json.object(json.toByteArray()).orElseThrow();
  }

  private static JsonNode body(JsonNode event) throws Exception {
    return new ObjectMapper().readTree(event.path("body").asText());
  }

  @Test
  void failureNamesNeitherAStatusNorATimeThatNobodySaw() throws Exception {
    var event = event(Reply.error(unreachable()));
    assertThat(event.path("statusCode").asInt()).isEqualTo(502);
    assertThat(event.path("headers").has("Retry-After")).isFalse();
    assertThat(body(event).propertyStream().map(Map.Entry::getKey)).containsExactly("error", "error_description",
        "request_id");
  }

  /** The bug: the names of members that a server chose were not cleaned where secrets are handed over. */
  @Test
  void responseToARegistrationHandsSecretsOverInTheirOwnMembersOnly() throws Exception {
    var clean = Journal.withRequestId("request", () -> {
      assertThat(new ClientSecret("a-client-secret").reveal()).isNotEmpty();
      return body(event(Reply.registered(Json.newObject().put("client_secret", "a-client-secret")
          .put("a-client-secret", "a name").put("other", "has a-client-secret"))));
    });
    assertThat(clean).hasToString(
        "{\"client_secret\":\"a-client-secret\",\"[token]\":\"a name\",\"other\":\"has [token]\"}");
  }

  @Test
  void failureNamesTheStatusThatWasSeen() throws Exception {
    assertThat(body(event(Reply.error(unreachable().withUpstreamStatus(503)))).path("upstream_status").asInt())
        .isEqualTo(503);
  }

  @ParameterizedTest
  @CsvSource({"2026-11-28T12:00:30Z,30", "2026-11-28T12:00:30.001Z,31", "2026-11-28T12:00:00Z,0",
      "2026-11-28T11:59:00Z,0"})
  void failureNamesTheTimeInTheBodyAndInTheHeader(Instant retryAt, String seconds) throws Exception {
    var event = event(Reply.error(unreachable().withRetryAt(retryAt)));
    assertThat(body(event).path("retry_at").asText()).isEqualTo(retryAt.toString());
    assertThat(event.path("headers").path("Retry-After").asText()).isEqualTo(seconds);
  }

  private static Stream<Reply> everyKindOfReply() {
    return Stream.of(Reply.ok(Json.newObject()), Reply.noContent(), Reply.document(Json.newObject()),
        Reply.page(400, "<p>no</p>"), Reply.seeOther("https://app.example.com/done"), Reply.error(unreachable()));
  }

  @ParameterizedTest
  @MethodSource("everyKindOfReply")
  void everyResponseOverHttpsTellsTheBrowserToStayWithHttps(Reply reply) {
    for (String base : List.of("", "https://api.example.com"))
      assertThat(event(reply, base).path("headers").path("Strict-Transport-Security").asText())
          .isEqualTo("max-age=31536000");
  }

  @ParameterizedTest
  @MethodSource("everyKindOfReply")
  void aLocalRunOverPlainHttpDoesNot(Reply reply) {
    assertThat(event(reply, "http://localhost:3000").path("headers").has("Strict-Transport-Security")).isFalse();
  }

  private static List<String> cookie(String publicBase) {
    var cookies = event(Reply.ok(Json.newObject()).withBrowserKey(new BrowserKey("the-key")), publicBase)
        .path("cookies");
    assertThat(cookies).hasSize(1);
    return List.of(cookies.path(0).asText().split("; ", -1));
  }

  /** RFC 6265bis §4.1.3.2: a browser takes the name only with Secure and Path=/ and without Domain. */
  @Test
  void theCookieCannotBeSetOrReadByAnotherHostAScriptOrAnotherSite() {
    assertThat(cookie("https://api.example.com")).containsExactly("__Host-mcp=the-key", "Path=/", "Max-Age=2592000",
        "HttpOnly", "SameSite=Lax", "Secure");
  }

  @Test
  void theCookieHasItsPlainNameOverPlainHttpAlone() {
    assertThat(cookie("http://localhost:3000")).containsExactly("mcp=the-key", "Path=/", "Max-Age=2592000", "HttpOnly",
        "SameSite=Lax");
  }

  @Test
  void aReplyWithoutABrowserKeySetsNoCookie() {
    assertThat(event(Reply.ok(Json.newObject()), "https://api.example.com").has("cookies")).isFalse();
  }
}
