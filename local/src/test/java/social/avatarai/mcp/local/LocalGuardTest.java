package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Journal;

/** What browsers send, and how it is judged. The headers are those that Chromium sends. */
class LocalGuardTest {
  private static final String APP = "https://app.example.com";
  private static final String CALLBACK = "/the/callback";
  private static final String NO_ROUTE = "HTTP/1.1 404 Not Found";

  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private LocalFront front;
  private int port;

  @BeforeEach
  void start() throws Exception {
    var server = listening();
    start(server, base());
  }

  /** A server at a port that was free: other tests run at the same time, so a port that was given back may be taken. */
  private HttpServer listening() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    port = server.getAddress().getPort();
    return server;
  }

  private void startAt(String publicBase) throws Exception {
    front.close();
    start(listening(), publicBase);
  }

  private void start(HttpServer server, String publicBase) throws Exception {
    var pages = new LocalPages(new StartPage(publicBase, null, Map.of()));
    var entrances = new Entrances() {
      @Override
      public boolean isForPeople(String path) {
        return pages.isPage(path) || path.equals(CALLBACK);
      }

      @Override
      public boolean isPublic(String method, String path) {
        return pages.has(method, path) || path.equals(CALLBACK);
      }
    };
    var guard = new LocalGuard(publicBase, port, List.of(APP), entrances,
        new Journal(new PrintStream(log, true, UTF_8), Clock.systemUTC()));
    front = new LocalFront(server, guard, pages, new LocalInvoker(new Routes(List.of()), "sub"));
    front.start();
  }

  @AfterEach
  void stop() {
    front.close();
  }

  private String base() {
    return "http://localhost:" + port;
  }

  /**
   * The whole response. It is read from the socket, because no client library lets a test choose all of these headers.
   */
  private String send(String method, String target, String... headers) throws IOException {
    boolean namesHost = Stream.of(headers).anyMatch(header -> header.startsWith("Host:"));
    var lines = Stream.concat(Stream.of(method + " " + target + " HTTP/1.1", "Connection: close",
        namesHost ? "X-None: none" : "Host: localhost:" + port), Stream.of(headers));
    try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.getOutputStream()
          .write(lines.collect(Collectors.joining("\r\n", "", "\r\n\r\n")).getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private static String[] fetchMetadata(String site, String mode, String destination) {
    return new String[]{"Sec-Fetch-Site: " + site, "Sec-Fetch-Mode: " + mode, "Sec-Fetch-Dest: " + destination};
  }

  @ParameterizedTest
  @CsvSource({"same-site,/local/return", "cross-site,/local/return", "same-site,/", "cross-site,/"})
  void letsABrowserComeFromAnotherSiteToAPage(String site, String path) throws Exception {
    var response = send("GET", path, fetchMetadata(site, "navigate", "document"));
    assertThat(response).startsWith("HTTP/1.1 200 OK").contains("<!doctype html>");
    assertThat(log.toString(UTF_8)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"same-site", "cross-site"})
  void letsABrowserComeFromAnotherSiteToTheCallback(String site) throws Exception {
    assertThat(send("GET", CALLBACK + "?state=s&code=c", fetchMetadata(site, "navigate", "document")))
        .startsWith(NO_ROUTE);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
      "a frame,GET,/local/return,navigate,iframe",
      "a frame of old,GET,/local/return,navigate,frame",
      "an embedded object,GET,/local/return,navigate,object",
      "a frame of the callback,GET,/the/callback,navigate,iframe",
      "a picture,GET,/the/callback,no-cors,image",
      "a script,GET,/local/return.js,no-cors,script",
      "a fetch without CORS,GET,/local/return,no-cors,empty",
      "a prefetch by a link element,GET,/the/callback,no-cors,empty",
      "a form that posts,POST,/local/return,navigate,document",
      "a HEAD,HEAD,/local/return,navigate,document",
      "a link to an API route,GET,/api/mcp/servers,navigate,document",
      "a link to a script,GET,/local/return.js,navigate,document",
      "a path that only decodes to a page's,GET,/%6Cocal/return,navigate,document",
      "a browser that does not say for what,GET,/local/return,navigate,''",
      "a browser that does not say how,GET,/local/return,'',document"})
  void keepsOutWhateverElseAnotherSiteSends(String what, String method, String path, String mode, String destination)
      throws Exception {
    for (String site : List.of("same-site", "cross-site", "something-new")) {
      var response = send(method, path, fetchMetadata(site, mode, destination));
      assertThat(response).as(what + ", " + site).startsWith("HTTP/1.1 403 Forbidden");
      assertThat(lastLine().path("reason").asText()).as(what).isEqualTo("foreign_site");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example", "null", "http://localhost:1", "https://app.example.com.evil.example"})
  void keepsOutPagesOfOtherOrigins(String origin) throws Exception {
    for (String method : List.of("GET", "POST", "OPTIONS")) {
      assertThat(send(method, "/api/mcp/servers", "Origin: " + origin)).startsWith("HTTP/1.1 403 Forbidden")
          .contains("\"reason\":\"foreign_origin\"").doesNotContain("Access-control-allow-origin");
    }
    assertThat(send("POST", "/local/return", "Origin: " + origin, "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")).contains("\"reason\":\"foreign_origin\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "localhost:1", "localhost", ""})
  void keepsOutNamesThatAreNotOurs(String host) throws Exception {
    var response = send("GET", "/local/return", "Host: " + host, "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-Dest: document");
    assertThat(response).startsWith("HTTP/1.1 403 Forbidden").contains("\"reason\":\"foreign_host\"")
        .contains("Use " + base() + ".");
  }

  @ParameterizedTest
  @CsvSource({"same-origin,cors,empty", "same-origin,navigate,document", "none,navigate,document",
      "same-origin,no-cors,script"})
  void letsOurOwnPagesAndTheAddressBarIn(String site, String mode, String destination) throws Exception {
    assertThat(send("GET", "/api/mcp/servers", fetchMetadata(site, mode, destination))).startsWith(NO_ROUTE);
  }

  @Test
  void letsOurOwnPagesPostUnderBothNamesOfThisMachine() throws Exception {
    assertThat(send("POST", "/api/mcp/servers", "Origin: " + base())).startsWith(NO_ROUTE);
    String literal = "127.0.0.1:" + port;
    assertThat(send("POST", "/api/mcp/servers", "Host: " + literal, "Origin: http://" + literal)).startsWith(NO_ROUTE);
    assertThat(send("POST", "/api/mcp/servers", "Origin: http://" + literal)).contains("foreign_origin");
  }

  @Test
  void letsPagesOfTheAppCall() throws Exception {
    assertThat(send("POST", "/api/mcp/servers", "Origin: " + APP, "Sec-Fetch-Site: cross-site")).startsWith(NO_ROUTE)
        .contains("Access-control-allow-origin: " + APP).contains("Access-control-allow-credentials: true");
    assertThat(send("OPTIONS", "/api/mcp/servers", "Origin: " + APP, "Access-Control-Request-Method: POST"))
        .startsWith("HTTP/1.1 204 No Content").contains("if-match,if-none-match")
        .contains("Access-control-expose-headers: etag");
  }

  @Test
  void servesOnlyWhatIsPublicThroughAPublicAddress() throws Exception {
    startAt("https://try.example.com");
    String host = "Host: try.example.com";
    assertThat(send("GET", "/local/return", host)).startsWith("HTTP/1.1 200 OK");
    assertThat(send("GET", "/local/return.js", host)).startsWith("HTTP/1.1 200 OK");
    assertThat(send("GET", CALLBACK + "?state=s&code=c", host)).startsWith(NO_ROUTE);
    for (String way : List.of("X-Local-User: somebody", "Origin: https://try.example.com", "Origin: " + APP,
        "Sec-Fetch-Site: none")) {
      assertThat(send("GET", "/api/mcp/servers", host, way)).as(way).startsWith("HTTP/1.1 403 Forbidden")
          .contains("\"reason\":\"public_address\"", "http://localhost");
    }
    assertThat(send("GET", "/api/mcp/servers")).as("under its own name").startsWith(NO_ROUTE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: try.example.com",
      "Forwarded: for=192.0.2.1"})
  void knowsAProxyThatWritesOurNameIntoTheHostByItsOwnHeaders(String added) throws Exception {
    assertThat(send("POST", "/api/mcp/servers", added)).contains("\"reason\":\"public_address\"");
    assertThat(send("GET", "/local/return", added)).startsWith("HTTP/1.1 200 OK");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.localhost", "https://localhost", "http://127.0.0.1", "http://[::1]"})
  void takesNamesOfThisMachineForNoPublicAddress(String base) throws Exception {
    startAt(base);
    assertThat(send("POST", "/api/mcp/servers", "Host: " + base.substring(base.indexOf("//") + 2)))
        .startsWith(NO_ROUTE);
  }

  @Test
  void letsProgramsIn() throws Exception {
    assertThat(send("GET", "/api/mcp/servers")).startsWith(NO_ROUTE);
    assertThat(send("POST", "/api/mcp/servers")).startsWith(NO_ROUTE);
  }

  @Test
  void writesOneLineForARefusalWithForeignTextQuotedAndCutAndWithoutTheQuery() throws Exception {
    send("GET", "/api/mcp/servers?code=a-code", "Origin: " + "\"},{".repeat(200), "Sec-Fetch-Site: cross-site");
    assertThat(log.toString(UTF_8).strip()).doesNotContain("\n", "a-code");
    assertThat(lastLine().path("event").asText()).isEqualTo("request_refused");
    assertThat(lastLine().path("path").asText()).isEqualTo("/api/mcp/servers");
    assertThat(lastLine().path("sec-fetch-site").asText()).isEqualTo("cross-site");
    assertThat(lastLine().path("origin").asText()).startsWith("\"},{").hasSizeLessThan(400);
  }

  @Test
  void saysInTheResponseWhatCanBeDone() throws Exception {
    assertThat(send("GET", "/api/mcp/servers", "Origin: https://evil.example")).contains("\"message\":\"Forbidden\"")
        .contains("CORS_ORIGINS").doesNotContain("evil");
    assertThat(send("GET", "/api/mcp/servers", "Sec-Fetch-Site: cross-site")).contains("only to a page for people");
  }

  private JsonNode lastLine() throws IOException {
    return new ObjectMapper().readTree(log.toString(UTF_8).lines().toList().getLast());
  }
}
