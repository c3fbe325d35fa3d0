package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.lambda.Request;
import social.avatarai.mcp.testkit.Demo;

/** The local front with every route and handler of the template behind it. */
class LocalFrontTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final int ANY = 0;
  private static final ByteArrayOutputStream LOG = new ByteArrayOutputStream();
  private static LocalFront front;
  private static String base;

  @BeforeAll
  static void start() throws Exception {
    var template = Template.read(Path.of("..", "template.yaml"));
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), ANY), 0);
    int port = server.getAddress().getPort();
    var settings = new LocalSettings(Map.of("PORT", Integer.toString(port)));
    LocalPlatform
        .logTo(new Journal(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8), Clock.systemUTC()));
    LocalPlatform.use(LocalStores.open(settings, settings.forHandlers(template)));
    var routes = new Routes(template.routes());
    var pages = new LocalPages(new StartPage(settings.publicBaseUrl(), null, LocalDocuments.of(Path.of(".."))));
    var guard = new LocalGuard(settings.publicBaseUrl(), port, List.of("https://app.example.com"),
        new Entrances.OfTemplate(pages, routes), new Journal(new PrintStream(LOG, true, UTF_8), Clock.systemUTC()));
    front = new LocalFront(server, guard, pages, new LocalInvoker(routes, "sub"));
    front.start();
    base = settings.publicBaseUrl();
  }

  @AfterAll
  static void stop() {
    front.close();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder get(String path) {
    return HttpRequest.newBuilder(URI.create(base + path));
  }

  @Test
  void servesOurMetadataDocument() throws Exception {
    var response = send(get("/api/mcp/oauth/client-metadata.json"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).contains("\"redirect_uris\":[\"" + base + "/api/mcp/oauth/callback\"]");
  }

  @Test
  void givesPathVariablesToTheHandler() throws Exception {
    String context = "0123456789abcdef0123456789abcdef";
    var response = send(get("/api/mcp/oauth/client-metadata/" + context + ".json"));
    assertThat(response.body()).contains("/issuer/" + context + "/callback\"]");
    assertThat(send(get("/api/mcp/oauth/client-metadata/other.json")).statusCode()).isEqualTo(404);
  }

  @Test
  void publishesPublicKeysOnly() throws Exception {
    var response = send(get("/api/mcp/oauth/jwks.json"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).contains("\"kty\":\"EC\"").doesNotContain("\"d\":");
  }

  @Test
  void repliesAsTheGatewayWhereNoRouteIs() throws Exception {
    var response = send(get("/api/mcp/oauth/other"));
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).isEqualTo("{\"message\":\"Not Found\"}");
  }

  /**
   * A provider may accept every path below a registered redirect URI. No function may get a code that is sent there.
   */
  @Test
  void repliesAsTheGatewayBelowTheCallbacks() throws Exception {
    String context = "0123456789abcdef0123456789abcdef";
    String issuers = "/api/mcp/oauth/issuer/" + context + "/callback";
    for (String path : List.of("/api/mcp/oauth/callback/" + context, "/api/mcp/oauth/callback/", issuers + "/",
        issuers + "/" + context, "/api/mcp/oauth/issuer/" + context)) {
      assertThat(send(get(path + "?state=unknown-state&code=c")).body()).isEqualTo("{\"message\":\"Not Found\"}");
    }
    assertThat(send(get(issuers + "?state=unknown-state&code=c")).body()).contains("unknown_state");
  }

  @Test
  void refusesARequestLineAndHeadersOverTheGatewaysLimit() throws Exception {
    var response = send(get("/api/mcp/oauth/discover-resource?resource_url=" + "a".repeat(LocalFront.MAX_HEAD_BYTES)));
    assertThat(response.statusCode()).isEqualTo(431);
  }

  @Test
  void refusesABodyOverTheRoutesLimit() throws Exception {
    var response = send(get("/api/mcp/oauth/complete").header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers
            .ofString("{\"completion_code\":\"" + "a".repeat(Request.MAX_BODY_BYTES) + "\"}")));
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.body()).contains("body_too_large");
  }

  @Test
  void keepsPagesOfOtherOriginsOutButForThoseOfTheApp() throws Exception {
    assertThat(send(get("/api/mcp/oauth/jwks.json").header("Origin", "https://evil.example")).statusCode())
        .isEqualTo(403);
    var response = send(get("/api/mcp/oauth/jwks.json").header("Origin", "https://app.example.com"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("access-control-allow-origin")).contains("https://app.example.com");
  }

  @Test
  void showsAPageToABrowserWhoseStateIsUnknown() throws Exception {
    var response = send(get("/api/mcp/oauth/callback?state=unknown-state&code=c").header("Accept", "text/html"));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
    assertThat(response.headers().firstValue("content-security-policy")).hasValueSatisfying(
        policy -> assertThat(policy).contains("default-src 'none'", "frame-ancestors 'none'"));
    assertThat(response.body()).contains("此链接已过期或无效").doesNotContain("unknown-state");
  }

  /** A request as a browser sends it when a page of another site redirects it here, for example a consent page. */
  private static HttpRequest.Builder comeFromElsewhere(String path) {
    return get(path).headers("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document",
        "Accept", "text/html");
  }

  private static String pathOf(RedirectUri redirectUri) {
    return URI.create(redirectUri.value()).getPath();
  }

  @Test
  void letsABrowserComeBackFromAnAuthorizationServerOfAnotherSite() throws Exception {
    var ours = new PublicBase(base);
    var ofAnIssuer = ours.callback(IssuerContext.of(new Issuer("https://issuer.example")));
    for (String path : List.of(pathOf(ours.plainCallback()), pathOf(ofAnIssuer))) {
      var response = send(comeFromElsewhere(path + "?state=unknown-state&code=c"));
      assertThat(response.statusCode()).as(path).isEqualTo(400);
      assertThat(response.body()).contains("This link has expired or is not valid.");
    }
    assertThat(send(comeFromElsewhere("/local/return")).statusCode()).isEqualTo(200);
    assertThat(send(comeFromElsewhere("/")).statusCode()).isEqualTo(200);
  }

  @Test
  void letsNoBrowserComeFromAnotherSiteToAnythingElse() throws Exception {
    for (String path : List.of("/api/mcp/servers", "/api/mcp/oauth/jwks.json", "/local/return.js",
        "/local/docs/README.md", "/api/mcp/oauth/start-authorization", "/none")) {
      assertThat(send(comeFromElsewhere(path)).statusCode()).as(path).isEqualTo(403);
    }
    assertThat(LOG.toString(UTF_8)).contains("\"event\":\"request_refused\"").contains("\"reason\":\"foreign_site\"");
  }

  @Test
  void consumesNothingWhenABrowserOnlyFetchesAhead() throws Exception {
    var path = pathOf(new PublicBase(base).plainCallback());
    var response = send(
        comeFromElsewhere(path + "?state=unknown-state&code=c").header("Sec-Purpose", "prefetch;prerender"));
    assertThat(response.statusCode()).isEqualTo(204);
  }

  @Test
  void startsWithAPageWhoseLinksAllLeadSomewhere() throws Exception {
    var page = send(get("/"));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
    var links = Pattern.compile("(?:href|src)=\"(/[^\"]*)\"").matcher(page.body()).results().map(m -> m.group(1))
        .toList();
    assertThat(links).contains("/local/return", "/api/mcp/servers", "/local/docs/README.md",
        "/local/docs/README.zh-CN.md",
        "/local/docs/docs/security.md");
    // All services of a test run share one database in memory, and others write records of the user without a header.
    for (String link : links)
      assertThat(send(get(link).header("X-Local-User", "reader-of-links")).statusCode()).as(link).isEqualTo(200);
  }

  @Test
  void showsTheDemosAddressesAndCallsOnTheStartPageAndQuotesThem() {
    try (var demo = Demo.start(0, 0)) {
      var page = new StartPage(base, demo, Map.of()).html();
      assertThat(page).contains("data-resource=\"" + demo.mcpUrl() + "\"", "data-issuer=\"" + demo.issuer() + "\"",
          "local/guide " + demo.mcpUrl(), "&quot;client_id=$CLIENT_ID&quot;").doesNotContain("{{");
    }
    assertThat(new StartPage(base, null, Map.of()).html()).doesNotContain("{{", "demo");
  }

  @Test
  void tellsOfItsPagesWithoutSendingThem() throws Exception {
    var response = send(get("/local/return").method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }

  @Test
  void servesNoOtherFileAmongTheDocuments() throws Exception {
    for (String path : List.of("/local/docs/", "/local/docs/pom.xml", "/local/docs/../pom.xml",
        "/local/docs/docs%2Fsecurity.md"))
      assertThat(send(get(path)).statusCode()).as(path).isEqualTo(404);
  }

  @Test
  void routesThatNeedAJwtOnAwsAreClosedToAPublicAddress() throws Exception {
    var template = Template.read(Path.of("..", "template.yaml"));
    var open = template.routes().stream().filter(Template.Route::isPublic).map(Template.Route::key);
    assertThat(open).containsExactlyInAnyOrder("GET /api/mcp/oauth/callback",
        "GET /api/mcp/oauth/issuer/{context}/callback", "GET /api/mcp/oauth/client-metadata.json",
        "GET /api/mcp/oauth/client-metadata/{document}", "GET /api/mcp/oauth/jwks.json");
  }
}
