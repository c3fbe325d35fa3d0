package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Journal;

/** The local front with every route and handler of the template behind it. */
class LocalFrontTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int ANY = 0;
  private static LocalFront front;
  private static String base;

  @BeforeAll
  static void start() throws Exception {
    var template = Template.read(Path.of("..", "template.yaml"));
    int port = freePort();
    var settings = new LocalSettings(Map.of("PORT", Integer.toString(port)));
    LocalSurroundings.logTo(new Journal(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8), Clock.systemUTC()));
    LocalSurroundings.use(LocalStores.open(settings, settings.forHandlers(template)));
    var guard = new LocalGuard(settings.publicBaseUrl(), port, List.of("https://app.example.com"));
    front = new LocalFront(port, new Routes(template.routes()), guard, "sub");
    front.start();
    base = settings.publicBaseUrl();
  }

  @AfterAll
  static void stop() {
    front.close();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(ANY, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder get(String path) {
    return HttpRequest.newBuilder(URI.create(base + path));
  }

  @Test
  void servesOurMetadataDocument() throws Exception {
    var answer = send(get("/api/mcp/oauth/client-metadata.json"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"redirect_uris\":[\"" + base + "/api/mcp/oauth/callback\"]");
  }

  @Test
  void givesPathVariablesToTheHandler() throws Exception {
    String context = "0123456789abcdef0123456789abcdef";
    var answer = send(get("/api/mcp/oauth/client-metadata/" + context + ".json"));
    assertThat(answer.body()).contains("/issuer/" + context + "/callback\"]");
    assertThat(send(get("/api/mcp/oauth/client-metadata/other.json")).statusCode()).isEqualTo(404);
  }

  @Test
  void publishesPublicKeysOnly() throws Exception {
    var answer = send(get("/api/mcp/oauth/jwks.json"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"kty\":\"EC\"").doesNotContain("\"d\":");
  }

  @Test
  void answersAsTheGatewayWhereNoRouteIs() throws Exception {
    var answer = send(get("/api/mcp/oauth/other"));
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).isEqualTo("{\"message\":\"Not Found\"}");
  }

  /** A provider may accept every subdirectory of a registered redirect URI: a code that is sent there reaches nobody. */
  @Test
  void answersAsTheGatewayBelowTheCallbacks() throws Exception {
    String context = "0123456789abcdef0123456789abcdef";
    String issuers = "/api/mcp/oauth/issuer/" + context + "/callback";
    for (String path : List.of("/api/mcp/oauth/callback/" + context, "/api/mcp/oauth/callback/", issuers + "/",
        issuers + "/" + context, "/api/mcp/oauth/issuer/" + context)) {
      assertThat(send(get(path + "?state=unknown-state&code=c")).body()).isEqualTo("{\"message\":\"Not Found\"}");
    }
    assertThat(send(get(issuers + "?state=unknown-state&code=c")).body()).contains("unknown_state");
  }

  @Test
  void refusesARequestLineAndHeadersOfMoreThanTenKilobytes() throws Exception {
    var answer = send(get("/api/mcp/oauth/discover-resource?resource_url=" + "a".repeat(10_300)));
    assertThat(answer.statusCode()).isEqualTo(431);
  }

  @Test
  void refusesABodyOverTheRoutesLimit() throws Exception {
    var answer = send(get("/api/mcp/oauth/complete").header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString("{\"completion_code\":\"" + "a".repeat(70_000) + "\"}")));
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("body_too_large");
  }

  @Test
  void keepsPagesOfOtherOriginsOutButForThoseOfTheApp() throws Exception {
    assertThat(send(get("/api/mcp/oauth/jwks.json").header("Origin", "https://evil.example")).statusCode())
        .isEqualTo(403);
    var answer = send(get("/api/mcp/oauth/jwks.json").header("Origin", "https://app.example.com"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("access-control-allow-origin")).contains("https://app.example.com");
  }

  @Test
  void showsAPageToABrowserWhoseStateIsUnknown() throws Exception {
    var answer = send(get("/api/mcp/oauth/callback?state=unknown-state&code=c").header("Accept", "text/html"));
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
    assertThat(answer.headers().firstValue("content-security-policy")).hasValueSatisfying(
        policy -> assertThat(policy).contains("default-src 'none'", "frame-ancestors 'none'"));
    assertThat(answer.body()).contains("链接已失效").doesNotContain("unknown-state");
  }
}
