package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/**
 * Failures of other MCP clients and gateways that were published this year: one user meets what is another user's, or
 * what is switched off. The names of the tests say what went wrong there.
 */
class FieldFailuresBetweenUsersFlowTest {
  private final FlowWorld world = FlowWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void listShowsNoConnectionOfAnotherUserAndNoToken() {
    var server = new ServerWorld(world);
    server.put();
    var tokens = List.of(tokensOf(server.connectWithConsent()), tokensOf(world.connect()),
        tokensOf(world.connect(OTHER, AuthorizationStart.fresh())));

    var own = world.flow().connections(USER, null, 50).connections();
    var others = world.flow().connections(OTHER, null, 50).connections();

    assertThat(own).extracting(ConnectionView::id).containsExactly(ServerWorld.MCP_ID, world.connection());
    assertThat(others).extracting(ConnectionView::id).containsExactly(world.connection());
    assertThat(world.servers(OTHER)).isEmpty();
    assertThat(world.flow().connections(new Caller(new UserId("user-three"), false), null, 50).connections()).isEmpty();
    assertThatExceptionOfType(Failure.Unknown.class)
        .isThrownBy(() -> world.flow().connection(OTHER, ServerWorld.MCP_ID));
    String shown = own + "\n" + others + "\n" + world.servers(USER);
    tokens.forEach(all -> assertThat(shown).doesNotContain(all));
  }

  private static List<String> tokensOf(Grant grant) {
    return List.of(grant.tokens().accessToken().reveal(), GrantWorld.refreshTokenOf(grant).reveal());
  }

  /** CVE-2026-31944: a victim follows the authorization URL of an attacker and consents. */
  @Test
  void consentInTheBrowserOfAnotherUserConnectsNobody() {
    var begun = world.begin();

    assertThat(world.elsewhere(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Parked.class);

    assertThat(world.authorizationServer.tokenRequests()).isEmpty();
    assertThat(world.stored(USER)).isEmpty();
  }

  @Test
  void serverThatTheListShowsAsSwitchedOffIsRefusedInEveryCall() {
    var server = new ServerWorld(world);
    server.put();
    server.connectWithConsent();
    server.put(ServerWorld.record(world.mcpServer.url()).put("enabled", false));
    assertThat(world.flow().server(USER, ServerWorld.MCP_ID).path("enabled").asBoolean()).isFalse();
    int asked = world.mcpServer.requests().size();
    int renewed = world.authorizationServer.tokenRequests().size();
    world.clock.advance(Duration.ofMinutes(61));

    var flow = world.flow();
    assertFails(ErrorCode.SERVER_DISABLED, () -> use(USER, new Target.ByConnection(ServerWorld.MCP_ID)));
    assertFails(ErrorCode.SERVER_DISABLED, () -> use(USER, new Target.ByUrl(world.url())));
    assertFails(ErrorCode.SERVER_DISABLED,
        () -> flow.refresh(USER, new What.Stored(ServerWorld.MCP_ID), deadline()));
    assertFails(ErrorCode.SERVER_DISABLED, () -> server.connect(USER));
    flow.refreshDue(0, DueGrants.SHARDS - 1, deadline());

    assertThat(world.mcpServer.requests()).hasSize(asked);
    assertThat(world.authorizationServer.tokenRequests()).hasSize(renewed);
  }

  /** CVE-2026-25536: one transport served the clients of a process, and the responses crossed. */
  @Test
  void responsesAndSessionsOfUsersWhoShareAProcessDoNotCross() throws Exception {
    world.connect();
    world.connect(OTHER, AuthorizationStart.fresh());
    var target = new Target.ByConnection(world.connection());
    var tasks = new ArrayList<Callable<Boolean>>();
    for (int i = 0; i < 40; i++) {
      boolean first = i % 2 == 0;
      tasks.add(() -> use(first ? USER : OTHER, target).equals(first ? "owner-1" : "owner-2"));
    }

    assertThat(GrantWorld.together(tasks)).containsOnly(true);

    Map<String, Set<String>> senders = new HashMap<>();
    for (var request : world.mcpServer.requests()) {
      request.header("mcp-session-id").ifPresent(session -> senders.computeIfAbsent(session, _ -> new HashSet<>())
          .add(request.header("authorization").orElse("nobody")));
    }
    assertThat(senders).hasSizeGreaterThan(1).allSatisfy((_, tokens) -> assertThat(tokens).hasSize(1));
  }

  /** A response belongs to the request with its identifier. Identifiers that are counted are equal in two clients. */
  @Test
  void responseToTheRequestOfAnotherIsNoResponse() {
    world.connect();
    var target = new Target.ByConnection(world.connection());
    use(USER, target);
    world.mcpServer.mcpEndpoint().next(Response.of(200).body("application/json",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"owner-2\"}]}}"));

    assertThatExceptionOfType(Failure.class).isThrownBy(() -> use(USER, target));

    var ids = world.mcpServer.requests().stream().map(request -> request.json().path("id"))
        .filter(id -> !id.isMissingNode()).map(Object::toString).toList();
    assertThat(ids).doesNotHaveDuplicates().doesNotContain("0", "1", "2");
  }

  /** A secret that is the same in every installation lets anybody sign and open what is an operator's. */
  @Test
  void processWithoutAKeyRingTakesNoDefaultOne() {
    world.with("KEY_RING_SECRET", "test/there-is-none");

    assertFails(ErrorCode.MISCONFIGURED, world::begin);
    assertFails(ErrorCode.MISCONFIGURED, () -> new ServerWorld(world).put());

    assertThat(world.sessionRows()).isEmpty();
    assertThat(world.platform.vault().read("test/there-is-none")).isEmpty();
  }

  @Test
  void twoDeploymentsHaveNoSigningKeyInCommon() {
    try (var another = FlowWorld.start()) {
      var keys = world.flow().publicKeys();
      assertThat(keys.at("/keys/0/x").asText()).isNotEmpty().isNotEqualTo(
          another.flow().publicKeys().at("/keys/0/x").asText());
    }
  }

  private String use(Caller caller, Target target) {
    return saidBy(world.flow().access(caller, target, GrantWorld.call("whoami"), deadline()));
  }
}
