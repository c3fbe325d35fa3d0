package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hc.core5.ssl.SSLContexts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

class OutboundDoorRedirectTest {
  /** This door resolves no names, so that a broken door could not reach another machine. */
  private final OutboundDoor door = new OutboundDoor(AddressPolicy.withLoopback(),
      host -> new InetAddress[]{InetAddress.ofLiteral(host)}, SSLContexts.createSystemDefault());
  private final LoopbackServer elsewhere = LoopbackServer.responding("200 OK", "", "{\"found\":true}");

  @AfterEach
  void close() {
    door.close();
    elsewhere.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void followsARedirectOfADocument(int status) {
    try (var server = redirecting(status, elsewhere.url("/there") + "#part")) {
      assertThat(get(server).text()).isEqualTo("{\"found\":true}");
      assertThat(elsewhere.requests().getFirst()).startsWith("GET /there HTTP/1.1\r\n").doesNotContain("#part");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void sendsACredentialNowhereElse(int status) {
    try (var server = redirecting(status, elsewhere.url("/there").value())) {
      for (var request : List.of(OutboundRequest.form(server.url("/token"), Map.of("refresh_token", "rt")),
          OutboundRequest.json(server.url("/register"), JsonNodeFactory.instance.objectNode()),
          OutboundRequest.delete(server.url("/")),
          OutboundRequest.document(server.url("/mcp")).with("Authorization", "Bearer at"),
          OutboundRequest.document(server.url("/mcp")).with("X-Api-Key", "k"),
          OutboundRequest.document(server.url("/mcp")).with("mcp-session-id", "s"))) {
        assertThat(door.exchange(request, soon()).status()).isEqualTo(status);
      }
      assertThat(server.requests()).hasSize(6);
      assertThat(elsewhere.connections()).isZero();
    }
  }

  @Test
  void followsThreeRedirectsAndNoFourth() {
    try (var server = redirecting(302, "/again")) {
      var failure = catchThrowableOfType(Failure.ProtocolBroken.class, () -> get(server));

      assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_UPSTREAM_ANSWER);
      assertThat(server.requests()).hasSize(4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://169.254.169.254/latest/meta-data/", "http://169.254.169.254/latest/meta-data/",
      "https://10.0.0.1/", "https://metadata.google.internal/", "https://example.com:2773/", "http://example.com/",
      "https://user@example.com/", "//169.254.169.254/x", "file:///etc/passwd", "javascript:alert(1)"})
  void refusesARedirectToWhereItWouldNotHaveGoneItself(String location) {
    try (var server = redirecting(302, location)) {
      var failure = catchThrowableOfType(Failure.BadRequest.class, () -> get(server));

      assertThat(failure.code()).isEqualTo(ErrorCode.BLOCKED_URL);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Location: http://127.0.0.1/ /\n", "Location: http://[/\n",
      "Location: /a\nLocation: /b\n"})
  void handsOnARedirectThatLeadsNowhere(String headerLines) {
    try (var server = LoopbackServer.responding("302 Found", headerLines, "")) {
      assertThat(get(server).status()).isEqualTo(302);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 304, 305, 306, 399})
  void handsOnOtherStatuses(int status) {
    try (var server = redirecting(status, elsewhere.url("/").value())) {
      assertThat(get(server).status()).isEqualTo(status);
      assertThat(elsewhere.connections()).isZero();
    }
  }

  @Test
  void neverLeavesHttps() {
    var failure = catchThrowableOfType(Failure.BadRequest.class,
        () -> Redirect.target(new EndpointUrl("https://localhost/"), found("http://localhost/")));

    assertThat(failure.code()).isEqualTo(ErrorCode.BLOCKED_URL);
  }

  @ParameterizedTest
  @CsvSource({"https://example.com,doc,https://example.com/doc",
      "https://example.com/a/b,../c?d=e,https://example.com/c?d=e",
      "https://example.com/a,//other.example/x,https://other.example/x",
      "https://example.com/a,https://other.example,https://other.example",
      "http://localhost/a,https://example.com/#f,https://example.com/"})
  void resolvesThePlaceAgainstTheUrlAsked(String from, String location, String target) {
    assertThat(Redirect.target(new EndpointUrl(from), found(location))).isEqualTo(Optional.of(new EndpointUrl(target)));
  }

  private HttpResponse get(LoopbackServer server) {
    return door.exchange(OutboundRequest.document(server.url("/here")), soon());
  }

  private static LoopbackServer redirecting(int status, String location) {
    return LoopbackServer.responding(status + " Elsewhere", "Location: " + location + "\n", "");
  }

  private static ResponseHead found(String location) {
    return new ResponseHead(302, Map.of("location", List.of(location)));
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
