package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.State;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.record.ServerRecord;
import social.avatarai.mcp.registration.CallerRegistration;

/** What callers send beyond a limit, by the rows of {@code docs/operations.md}. */
class OverLimitTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("SESSIONS_TABLE", "s", "TOKENS_TABLE", "t",
      "DUE_TABLE", "d", "REGISTRATIONS_TABLE", "r", "SERVERS_TABLE", "v", "KEY_RING_SECRET", "k", "SIGNING_KEY_SECRET",
      "g", "CLIENT_SECRET_PREFIX", "p", "PUBLIC_BASE_URL", "https://api.example.com");
  private static final String SERVER = "https://mcp.example.com/";

  private static Request request(ObjectNode event) {
    return new Request(ApiEventJson.event(event), Settings.read(new HashMap<>(ENVIRONMENT), Profiles.load()),
        Deadline.in(Duration.ofSeconds(9)), new Request.RouteLimits(Request.MAX_BODY_BYTES, Set.of()));
  }

  private static Request query(String query) {
    return request(Json.newObject().put("rawQueryString", query));
  }

  private static Request body(String body) {
    return request(Json.newObject().put("body", body));
  }

  private static String text(int length) {
    return "a".repeat(length);
  }

  private static String numbered(int count, String separator, String form) {
    return IntStream.range(0, count).mapToObj(form::formatted).collect(Collectors.joining(separator));
  }

  private static void callAs(String user) {
    var event = Json.newObject();
    event.withObject("requestContext").withObject("authorizer").withObject("jwt").withObject("claims")
        .put("sub", user).put("scope", "mcp:operator");
    request(event).caller();
  }

  private static void register(int redirectUris) {
    var body = Json.newObject();
    for (String uri : Collections.nCopies(redirectUris, SERVER))
      body.withArray("redirect_uris").add(uri);
    CallerRegistration.requireWellFormed(body);
  }

  private static void record(int bytes) {
    var body = Json.newObject().put("name", text(bytes));
    body.putObject("endpoint").put("url", SERVER);
    ServerRecord.read(new ConnectionKey(new UserId("u"), new ConnectionId("c")), body, Profiles.load());
  }

  private static void connectTo(String host) {
    try (var door = new OutboundDoor(AddressPolicy.publicInternet())) {
      door.admit(new EndpointUrl("https://" + host + "/"));
    }
  }

  private static Arguments limit(String constant, IntConsumer use) {
    return arguments(constant, use);
  }

  /** Each row with a use of as much as this. */
  static Stream<Arguments> limits() {
    return Stream.of(
        limit("Request.MAX_PARAMETER_LENGTH", most -> query("name=" + text(most)).required("name")),
        limit("Parameters.MAX_PARAMETERS", most -> query(numbered(most, "&", "p%d=1")).required("p0")),
        limit("Request.MAX_BODY_BYTES", most -> body("{\"a\":\"" + text(most - 8) + "\"}").jsonBody()),
        limit("Json.MAX_DEPTH", most -> body("{\"a\":".repeat(most) + "1" + "}".repeat(most)).jsonBody()),
        limit("Json.MAX_DEPTH_OF_DOCUMENTS",
            most -> body("{\"a\":".repeat(most) + "1" + "}".repeat(most)).jsonBodyOfDocuments()),
        limit("Request.MAX_LIST_LIMIT", most -> query("limit=" + most).limit()),
        limit("EndpointUrl.MAX_LENGTH", most -> query("url=" + SERVER + text(most - SERVER.length())).url("url")),
        limit("EndpointUrl.MAX_LENGTH",
            most -> EndpointUrl.ofParameter("url", SERVER + text(most - SERVER.length()))),
        limit("ClientId.MAX_LENGTH", most -> ClientId.ofParameter("client_id", text(most))),
        limit("Scopes.MAX_TOKENS", most -> Scopes.ofParameter("scope", numbered(most, " ", "s%d"))),
        limit("Scopes.MAX_TOKEN_LENGTH", most -> Scopes.ofParameter("scope", "a " + text(most))),
        limit("State.MAX_LENGTH", most -> State.ofParameter("state", text(most))),
        limit("UserId.MAX_LENGTH", most -> UserId.ofParameter("userId", text(most))),
        limit("UserId.MAX_LENGTH", most -> callAs(text(most))),
        limit("ConnectionId.MAX_MCP_ID_LENGTH", most -> ConnectionId.ofMcpId("mcpId", text(most))),
        limit("ConnectionId.MAX_MCP_ID_LENGTH", most -> ConnectionId.ofParameter("server_id", text(most))),
        // One redirect URI is ours.
        limit("CallerRegistration.MAX_REDIRECT_URIS", most -> register(most - 1)),
        // What the record has around its name.
        limit("ServerRecord.MAX_BYTES", most -> record(most - 300)),
        limit("AddressPolicy.MAX_NAME_LENGTH", most -> connectTo("a.".repeat((most - 3) / 2) + "com")));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void errorBeyondALimitNamesItAndHasTheCodeOfItsRow(String constant, IntConsumer use) throws IOException {
    var row = LimitTable.row(constant);
    use.accept(row.number());
    var failure = catchThrowableOfType(Failure.class, () -> use.accept(beyond(row)));
    assertThat(failure).as("beyond %s", constant).isNotNull();
    assertThat(failure.safeMessage()).containsPattern("\\b" + row.number() + "\\b");
    assertThat(List.of(failure.code().wireName())).isSubsetOf(row.codes());
  }

  /** A little beyond the limit: a record has members around its name, and a host has labels of two characters. */
  private static int beyond(LimitTable.Row row) {
    return switch (row.constant()) {
      case "ServerRecord.MAX_BYTES" -> row.number() + 300;
      case "AddressPolicy.MAX_NAME_LENGTH" -> row.number() + 2;
      default -> row.number() + 1;
    };
  }
}
