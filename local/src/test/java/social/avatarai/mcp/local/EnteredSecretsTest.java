package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.local.ApiUser.ApiResponse;
import social.avatarai.mcp.local.EchoedByMcpServersTest.Place;
import social.avatarai.mcp.testkit.FakeMcpServer;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * A key that a user has entered reaches the MCP server and nothing else: every response of every route that knows the
 * record, every attribute of every table, and every line of the log are looked through, also where the server sends the
 * key back.
 */
class EnteredSecretsTest {
  private static final String RECORD = "/api/mcp/servers/invented";
  private static @Nullable LocalService started;

  private final LocalService service = Objects.requireNonNull(started);
  private final ApiUser user = service.user();
  private final String key = "canary-" + Unguessable.text();
  private final String team = "canary-" + Unguessable.text();
  private final FakeMcpServer mcp = FakeMcpServer
      .open(knobs -> knobs.requireHeader("Authorization", "Token " + key));

  @BeforeAll
  static void startService() {
    started = LocalService.start(Map.of());
  }

  @AfterAll
  static void stopService() {
    Objects.requireNonNull(started).close();
  }

  private ObjectNode record(String entered) {
    var record = Json.newObject().put("name", "Invented");
    record.putObject("endpoint").put("url", mcp.url()).putObject("headers").put("X-Team", "team " + team);
    record.putObject("authorization").put("method", "api_key").putObject("config").put("api_key", entered)
        .put("header", "Authorization").put("prefix", "Token ");
    return record;
  }

  private ApiResponse call() {
    var call = Json.newObject().put("server_id", "invented").put("method", "tools/call");
    call.putObject("params").put("name", "whoami").putObject("arguments");
    return user.post(ApiUser.ACCESS, call);
  }

  @AfterEach
  void keyIsNowhere() {
    try (mcp; user) {
      for (String path : List.of(RECORD, "/api/mcp/servers", "/api/mcp/connections", "/api/mcp/connections/invented"))
        user.get(path, Map.of());
      user.delete("/api/mcp/servers/invented/connection");
      var stored = everythingStored();
      assertThat(stored).anyMatch(attribute -> attribute.contains(mcp.url()));
      assertThat(service.log()).contains("\"event\":\"request\"");
      for (String secret : List.of(key, team)) {
        for (String form : List.of(secret, secret.substring(0, 24),
            Base64.getEncoder().encodeToString(secret.getBytes(UTF_8)))) {
          assertThat(user.responses()).noneMatch(response -> response.contains(form));
          assertThat(service.log()).doesNotContain(form);
          assertThat(stored).noneMatch(attribute -> attribute.contains(form));
        }
      }
      user.delete(RECORD);
    }
  }

  private List<String> everythingStored() {
    var all = new ArrayList<String>();
    String prefix = service.stores().environment().getOrDefault("TOKENS_TABLE", "").replace("mcp_oauth_tokens", "");
    for (var creation : Tables.withPrefix(prefix).creations()) {
      for (var item : service.stores().dynamoDb().scanPaginator(scan -> scan.tableName(creation.tableName())).items())
        item.forEach((name, value) -> all.add(name + " " + text(value)));
    }
    return all;
  }

  private static String text(AttributeValue value) {
    return value.b() == null ? value.toString() : value.b().asString(ISO_8859_1);
  }

  @Test
  void keyReachesTheServerAlone() {
    var put = user.put(RECORD, record(key)).succeeded();
    assertThat(put.body().at("/authorization/config/has_api_key").asBoolean()).isTrue();
    assertThat(put.body().at("/endpoint/has_headers/0").asText()).isEqualTo("X-Team");
    assertThat(user.post(RECORD + "/connect", Json.newObject()).succeeded().text("status")).isEqualTo("connected");
    assertThat(call().succeeded().body().at("/data/content/0/text").asText()).isEqualTo("account-1");
    assertThat(mcp.requests()).allSatisfy(request -> {
      assertThat(request.header("authorization")).contains("Token " + key);
      assertThat(request.header("x-team")).contains("team " + team);
    });
  }

  @ParameterizedTest
  @EnumSource
  void keyThatTheServerSendsBackIsNeitherLoggedNorAnswered(Place place) {
    user.put(RECORD, record(key)).succeeded();
    call().succeeded();
    mcp.mcpEndpoint().nextFrom(place::response);
    var body = call().body();
    assertThat(body.has("data") || body.has("error")).isTrue();
  }

  @Test
  void addressOfTheUsersSiteInAHeaderMayStandInResults() {
    String site = "https://invented.example";
    var record = record(key);
    record.withObject("endpoint").withObject("headers").put("X-Site", site);
    user.put(RECORD, record).succeeded();
    call().succeeded();
    mcp.mcpEndpoint().nextFrom(Place.RESULT::response);
    assertThat(call().succeeded().body().toString()).contains(site).contains("[token]");
  }

  @Test
  void refusedKeyIsNotInTheErrorAndAsksForNoConsent() {
    user.put(RECORD, record("canary-refused-" + key)).succeeded();
    for (var response : List.of(call(), user.post(RECORD + "/connect", Json.newObject()))) {
      assertThat(response.status()).isEqualTo(502);
      assertThat(response.text("error")).isEqualTo("credentials_refused");
      assertThat(response.body().path("upstream_status").asInt()).isEqualTo(401);
    }
  }

  @Test
  void recordThatIsRefusedDoesNotShowTheKey() {
    user.put(RECORD, record(key)).succeeded();
    for (String entered : List.of(key + "\n", "ä" + key, key + " ")) {
      assertThat(user.put(RECORD, record(entered)).text("error")).isEqualTo("invalid_request");
    }
    var elsewhere = record(key);
    elsewhere.withObject("authorization").put("secret", key);
    assertThat(user.put(RECORD, elsewhere).text("error")).isEqualTo("unsupported_record");
  }
}
