package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A key in the query of a server's URL ({@code ?api_key=…}) reaches the MCP server and nothing else: every response of
 * every route, every attribute of every table, and every line of the log are looked through.
 */
class HiddenQueryTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static LocalService service;

  private final String user = "user-" + Unguessable.text().substring(0, 8);
  private final String canary = "canary-" + Unguessable.text();
  private final String query = "api_key=" + canary;
  private final FakeAuthorizationServer authorizationServer = FakeAuthorizationServer
      .start(AuthorizationServerKnobs::refreshWithoutResource);
  private final FakeMcpServer mcpServer = FakeMcpServer.protectedBy(authorizationServer);
  private final String url = mcpServer.url() + "?" + query;
  private final List<String> responses = new ArrayList<>();

  @BeforeAll
  static void startService() {
    service = LocalService.start(Map.of());
  }

  @AfterAll
  static void stopService() {
    service.close();
  }

  @AfterEach
  void stop() {
    try (authorizationServer) {
      mcpServer.close();
    }
  }

  // Requests as the app sends them

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    var response = CLIENT.send(request.header("X-Local-User", user).header("Accept", "application/json").build(),
        HttpResponse.BodyHandlers.ofString());
    responses.add(response.headers().map() + " " + response.body());
    return response;
  }

  private static HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(path.startsWith("http") ? path : service.base() + path));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(to(path));
  }

  private HttpResponse<String> send(String method, String path, ObjectNode body)
      throws IOException, InterruptedException {
    return send(to(path).header("Content-Type", "application/json").method(method,
        HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  private static ObjectNode json(HttpResponse<String> response) {
    return Json.object(response.body().getBytes(UTF_8)).orElseThrow();
  }

  private HttpResponse<String> put(String mcpId, String serverUrl) throws IOException, InterruptedException {
    var record = Json.newObject().put("name", "Invented").put("description", "Runs at " + serverUrl);
    record.putObject("endpoint").put("type", "streamableHttp").put("url", serverUrl);
    return send("PUT", "/api/mcp/servers/" + mcpId, record);
  }

  /** The user consents in the browser that got the cookie of the start. */
  private void consent(HttpResponse<String> begun) throws IOException, InterruptedException {
    String authorizationUrl = json(begun).path("authorization_url").asText();
    String cookie = begun.headers().firstValue("set-cookie").orElseThrow().replaceFirst(";.*", "");
    var back = authorizationServer.approve(authorizationUrl);
    var arrived = send(to(back.toString()).header("Cookie", cookie));
    assertThat(arrived.statusCode()).as(arrived.body()).isEqualTo(200);
  }

  private HttpResponse<String> connect(String mcpId) throws IOException, InterruptedException {
    return send("POST", "/api/mcp/servers/" + mcpId + "/connect", Json.newObject());
  }

  private void callWhoami(String member, String which) throws IOException, InterruptedException {
    var call = Json.newObject().put(member, which).put("method", "tools/call");
    call.putObject("params").put("name", "whoami").putObject("arguments");
    var called = send("POST", "/api/mcp/oauth/access-resource", call);
    assertThat(called.statusCode()).as(called.body()).isEqualTo(200);
    assertThat(mcpServer.requests().getLast().rawQuery()).isEqualTo(query);
  }

  private void connectRegistered() throws IOException, InterruptedException {
    assertThat(put("server", url).statusCode()).isEqualTo(200);
    consent(connect("server"));
    callWhoami("server_id", "server");
  }

  // Where the key may not be

  private void assertHidden() {
    assertThat(everythingStored()).anyMatch(attribute -> attribute.contains(mcpServer.url()));
    assertThat(service.log()).contains("\"event\":\"request\"");
    for (String text : List.of(canary, Base64.getEncoder().encodeToString(canary.getBytes(UTF_8)))) {
      assertThat(responses).noneMatch(response -> response.contains(text));
      assertThat(service.log()).doesNotContain(text);
      assertThat(everythingStored()).noneMatch(attribute -> attribute.contains(text));
      assertThat(sentToTheIssuer()).noneMatch(request -> request.contains(text));
    }
  }

  private static List<String> everythingStored() {
    var all = new ArrayList<String>();
    for (var creation : Tables.withPrefix(prefix()).creations()) {
      for (var item : service.stores().dynamoDb().scanPaginator(scan -> scan.tableName(creation.tableName())).items())
        item.forEach((name, value) -> all.add(creation.tableName() + " " + name + " " + text(value)));
    }
    return all;
  }

  private static String prefix() {
    return service.stores().environment().getOrDefault("TOKENS_TABLE", "").replace("mcp_oauth_tokens", "");
  }

  private static String text(AttributeValue value) {
    return value.b() == null ? value.toString() : value.b().asString(ISO_8859_1);
  }

  private List<String> sentToTheIssuer() {
    var all = new ArrayList<Received>(authorizationServer.authorizeRequests());
    all.addAll(authorizationServer.tokenRequests());
    all.addAll(authorizationServer.registrations());
    all.addAll(authorizationServer.revocations());
    return all.stream().map(Received::toString).toList();
  }

  @Test
  void keyInTheUrlOfARecordReachesTheServerAlone() throws Exception {
    connectRegistered();
    assertThat(json(get("/api/mcp/servers/server")).at("/endpoint/url").asText())
        .isEqualTo(mcpServer.url() + "?***");
    get("/api/mcp/servers");
    get("/api/mcp/connections");
    get("/api/mcp/connections/server");
    send("POST", "/api/mcp/oauth/refresh-token", Json.newObject().put("server_id", "server"));
    connect("server");
    callWhoami("server_id", "server");
    callWhoami("resource_url", url);
    assertHidden();
    send(to("/api/mcp/servers/server/connection").DELETE());
    assertHidden();
    assertThat(mcpServer.requests()).allMatch(request -> request.rawQuery().equals(query));
  }

  @Test
  void keyInTheUrlOfARawFlowReachesTheServerAlone() throws Exception {
    var found = get("/api/mcp/oauth/discover-resource?resource_url=" + encoded(url));
    assertThat(json(found).path("resource").asText()).isEqualTo(mcpServer.url());
    var registered = send("POST", "/api/mcp/oauth/register-client", Json.newObject()
        .put("registration_url", authorizationServer.issuer() + "/register").put("client_name", "invented"));
    var begun = get("/api/mcp/oauth/start-authorization?auth_server_url=" + encoded(authorizationServer.issuer())
        + "&client_id=" + encoded(json(registered).path("client_id").asText()) + "&resource=" + encoded(url));
    consent(begun);
    callWhoami("resource_url", url);
    String connection = json(get("/api/mcp/connections")).at("/connections/0/id").asText();
    assertThat(connection).startsWith("r:");
    callWhoami("server_id", connection);
    get("/api/mcp/connections/" + connection);
    send("POST", "/api/mcp/oauth/refresh-token", Json.newObject().put("server_id", connection));
    assertHidden();
    assertThat(mcpServer.requests()).allMatch(request -> request.rawQuery().equals(query));
  }

  @Test
  void keyIsInNoErrorAndNoLogEvenWhereTheServerRepeatsIt() throws Exception {
    connectRegistered();
    mcpServer.mcpEndpoint().next(Response.of(500));
    connect("server");
    get("/api/mcp/connections/server");
    put("nowhere", "http://127.0.0.1:1/mcp?" + query);
    assertThat(connect("nowhere").statusCode()).isGreaterThanOrEqualTo(400);
    get("/api/mcp/servers/nowhere");
    mcpServer.adjust(knobs -> knobs.resource("https://elsewhere.example/mcp?" + query));
    var mismatch = get("/api/mcp/oauth/discover-resource?resource_url=" + encoded(url + "&other=1"));
    assertThat(mismatch.body()).contains("resource_mismatch");
    assertThat(service.log()).contains("https://elsewhere.example/mcp?***");
    assertHidden();
  }

  @Test
  void recordThatIsReadAndSentBackKeepsItsQueryAndItsGrant() throws Exception {
    connectRegistered();
    var read = json(get("/api/mcp/servers/server")).put("name", "Renamed");
    var written = send("PUT", "/api/mcp/servers/server", read);
    assertThat(json(written).path("status").asText()).isEqualTo("connected");
    callWhoami("server_id", "server");
    assertHidden();
  }

  /** The bugs: only the exact URL of the same request was hidden. */
  @Test
  void keyIsHiddenWhereverTheDocumentRepeatsItAndWhateverUrlThePutHas() throws Exception {
    connectRegistered();
    for (String serverUrl : List.of(mcpServer.url() + "?***", mcpServer.url() + "?api_key=another", url)) {
      var record = Json.newObject().put("name", "Invented").put("description", "Runs at " + url);
      record.putObject("endpoint").put("type", "streamableHttp").put("url", serverUrl);
      record.putObject("notes").put("query", query).put("encoded", encoded(url))
          .put("spelling", url.replace("http://localhost", "HTTP://LocalHost"));
      var written = send("PUT", "/api/mcp/servers/server", record);
      assertThat(written.statusCode()).as(written.body()).isEqualTo(200);
      get("/api/mcp/servers/server");
      assertHidden();
    }
  }

  @Test
  void hiddenQueryIsTakenForNoOtherUrlAndForNoNewRecord() throws Exception {
    connectRegistered();
    for (var refused : List.of(put("server", mcpServer.origin() + "/other?***"), put("new", mcpServer.url() + "?***"),
        get("/api/mcp/oauth/access-resource?resource_url=" + encoded(mcpServer.url() + "?***")))) {
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("invalid_url", "send the whole URL");
    }
    callWhoami("server_id", "server");
  }

  @Test
  void anotherKeyEndsNoGrant() throws Exception {
    connectRegistered();
    put("server", mcpServer.url() + "?api_key=another");
    var call = Json.newObject().put("server_id", "server").put("method", "tools/list");
    assertThat(send("POST", "/api/mcp/oauth/access-resource", call).statusCode()).isEqualTo(200);
    assertThat(mcpServer.requests().getLast().rawQuery()).isEqualTo("api_key=another");
    assertThat(authorizationServer.authorizeRequests()).hasSize(1);
  }
}
