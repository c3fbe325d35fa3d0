package social.avatarai.mcp.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.ProxyClient.MODERN;
import static social.avatarai.mcp.world.ProxyClient.call;
import static social.avatarai.mcp.world.ProxyClient.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.RequestCounter;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ProxyClient;

/** The sessions of legacy clients with the proxy (MCP 2025-11-25, basic/transports, session management). */
class ProxySessionFlowTest {
  private static final String LEGACY = "2025-11-25";

  private final GrantWorld world = GrantWorld.start();
  private final ProxyClient client = new ProxyClient(world, USER, LEGACY);

  @AfterEach
  void close() {
    world.close();
  }

  private String begin() {
    world.connect(USER);
    client.begin();
    return Objects.requireNonNull(client.session());
  }

  private static void assertUnknown(ProxyOutcome outcome) {
    var message = message(outcome);
    assertThat(message.status()).isEqualTo(404);
    assertThat(message.body().at("/error/message").asText()).contains("session is unknown or has ended");
  }

  @Test
  void sessionThatItsClientEndsIsUnknownAfterwards() {
    begin();
    client.result("tools/list", null);
    assertThat(client.end()).isInstanceOf(ProxyOutcome.SessionEnded.class);
    int before = world.mcpServer.requests().size();
    assertUnknown(client.send("tools/call", call("echo")));
    assertUnknown(client.send("ping", null));
    assertUnknown(client.send(notification("notifications/initialized")));
    assertUnknown(client.end());
    assertThat(world.mcpServer.requests()).hasSize(before);
    client.begin();
    client.result("tools/list", null);
  }

  @Test
  void endedSessionIsUnknownToEveryProcess() {
    String session = begin();
    client.end();
    var headers = client.in(session).headers(client.request("ping", null));
    var call = new ProxyCall(client.connection(), headers,
        ClientMessage.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}".getBytes(
            UTF_8)));
    assertUnknown(world.anotherProcess().proxied(USER, call, GrantWorld.inTime()));
  }

  @Test
  void sessionIsOfOneUserAlone() {
    String session = begin();
    world.connect(OTHER);
    var other = new ProxyClient(world, OTHER, LEGACY).in(session);
    assertUnknown(other.send("tools/list", null));
    assertUnknown(other.end());
    client.result("tools/list", null);
  }

  @Test
  void sessionIsOfOneConnectionAlone() {
    String session = begin();
    var elsewhere = new ConnectionKey(USER.user(),
        new ConnectionId("another-server"));
    assertUnknown(world.flow.endProxySession(elsewhere,
        new MessageHeaders(null, null, LEGACY, null, null, session)));
    client.result("tools/list", null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"invented", "1.2.3", "", "9999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.k:AAAA"})
  void inventedSessionIsUnknown(String session) {
    begin();
    client.in(session);
    assertUnknown(client.send("tools/list", null));
    assertUnknown(client.end());
  }

  @Test
  void sessionWithALongerLifeThanItWasGivenIsUnknown() {
    String session = begin();
    long end = Long.parseLong(session.substring(0, session.indexOf('.')));
    client.in(session.replaceFirst("^[0-9]+", Long.toString(end + 1)));
    assertUnknown(client.send("tools/list", null));
  }

  @Test
  void sessionEndsByItselfAfterItsLife() {
    begin();
    world.clock.advance(ProxySessions.SESSION_LIFE.minusSeconds(1));
    assertThat(message(client.send("ping", null)).status()).isEqualTo(200);
    world.clock.advance(Duration.ofSeconds(1));
    assertUnknown(client.send("ping", null));
  }

  @Test
  void sessionIsNotRequired() {
    begin();
    client.in(null).result("tools/list", null);
    var refused = message(client.end());
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body().at("/error/message").asText()).contains("Mcp-Session-Id is missing");
  }

  @Test
  void modernClientHasNoSessionAndAnInventedOneIsIgnored() {
    world.connect(USER);
    var modern = new ProxyClient(world, USER, MODERN);
    assertThat(modern.begin().session()).isNull();
    modern.in("invented").result("tools/list", null);
  }

  private void endFreshSession() {
    client.begin();
    assertThat(client.end()).isInstanceOf(ProxyOutcome.SessionEnded.class);
  }

  @Test
  void clientsOfAUserEndOnlySoManySessionsInAnHourAndTheSessionStays() {
    begin();
    for (int i = 0; i < RequestCounter.MAX_SESSION_ENDS_PER_HOUR; i++)
      endFreshSession();
    client.begin();
    world.calls.reset();
    assertThatThrownBy(client::end).isInstanceOfSatisfying(Failure.class, failure -> {
      assertThat(failure.code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS);
      assertThat(failure.retryAt()).isPresent();
    });
    assertThat(world.calls.counts()).as("no row is written").isEqualTo(Map.of("GetItem", 1, "UpdateItem", 1));
    client.result("tools/list", null);
    world.clock.advance(Duration.ofHours(1));
    assertThat(client.end()).isInstanceOf(ProxyOutcome.SessionEnded.class);
  }

  @Test
  void sessionThatIsUnknownIsNotCounted() {
    String session = begin();
    for (int i = 0; i <= RequestCounter.MAX_SESSION_ENDS_PER_HOUR; i++)
      assertUnknown(client.in("invented").end());
    assertThat(client.in(session).end()).isInstanceOf(ProxyOutcome.SessionEnded.class);
  }

  @Test
  void sessionOfTheConnectionWithTheServerStays() {
    begin();
    client.result("tools/list", null);
    client.end();
    client.begin();
    int before = world.mcpServer.methods().size();
    client.result("tools/list", null);
    assertThat(world.mcpServer.methods().subList(before, world.mcpServer.methods().size()))
        .containsExactly("tools/list");
  }

  @Test
  void callCostsAReadAndARequestAndASessionCostsOneReadMore() {
    begin();
    client.result("tools/list", null);
    var modern = new ProxyClient(world, USER, MODERN);
    assertCost(1, () -> modern.result("tools/call", call("echo")));
    assertCost(2, () -> client.result("tools/call", call("echo")));
    client.in(null);
    assertCost(1, () -> client.result("tools/call", call("echo")));
  }

  private void assertCost(int reads, Runnable step) {
    world.calls.reset();
    int before = world.mcpServer.requests().size();
    step.run();
    assertThat(world.calls.counts()).isEqualTo(Map.of("GetItem", reads));
    assertThat(world.mcpServer.requests()).hasSize(before + 1);
  }

  @Test
  void notificationIsTakenAndReachesNoServer() {
    begin();
    int before = world.mcpServer.requests().size();
    for (String method : new String[]{"notifications/initialized", "notifications/cancelled", "notifications/any"}) {
      assertThat(client.send(notification(method))).isInstanceOf(ProxyOutcome.Taken.class);
    }
    assertThat(world.mcpServer.requests()).hasSize(before);
  }

  @Test
  void pingIsAnsweredHere() {
    begin();
    int before = world.mcpServer.requests().size();
    JsonNode result = client.result("ping", null);
    assertThat(result).isEqualTo(Json.newObject());
    assertThat(world.mcpServer.requests()).hasSize(before);
  }

  private static ObjectNode notification(String method) {
    return Json.newObject().put("jsonrpc", "2.0").put("method", method);
  }
}
