package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.Meanwhile;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/**
 * A session that the service has opened at an MCP server is ended there when it is not kept, or when its grant or record
 * is gone. The end is best effort: it changes nothing for the caller.
 */
class EndedSessionFlowTest {
  private final Meanwhile meanwhile = new Meanwhile();
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  EndedSessionFlowTest() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(meanwhile));
  }

  @AfterEach
  void close() {
    try (world) {
      assertThat(meanwhile.isOver()).isTrue();
    }
  }

  /** A grant of the registry's server, with a kept session. */
  private Grant used() {
    server.put();
    var grant = server.connectWithConsent();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(world.mcpServer.openSessions()).hasSize(1);
    return grant;
  }

  private List<Received> ends() {
    return ends(world.mcpServer);
  }

  private static List<Received> ends(FakeMcpServer server) {
    return server.requests().stream().filter(request -> request.method().equals("DELETE")).toList();
  }

  private void assertAllEnded() {
    assertThat(world.mcpServer.openSessions()).isEmpty();
    assertThat(world.mcpServer.endedSessions()).isNotEmpty();
  }

  // The grant is gone

  @Test
  void disconnectingEndsTheSessionWithTheTokenOfItsGrantBeforeTheTokenIsRevoked() {
    var grant = used();
    assertThat(server.disconnect(USER)).isTrue();
    assertAllEnded();
    assertThat(ends()).singleElement().satisfies(end -> assertThat(end.header("authorization"))
        .contains("Bearer " + grant.tokens().accessToken().reveal()));
    assertThat(world.authorizationServer.revocations()).hasSize(1);
  }

  @Test
  void disconnectingWithoutAKeptSessionAsksTheServerNothing() {
    server.put();
    server.connectWithConsent();
    int before = world.mcpServer.requests().size();
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(world.mcpServer.requests()).hasSize(before);
  }

  @Test
  void deletedRecordEndsTheSession() {
    used();
    assertThat(world.flow().deleteServer(USER, MCP_ID, deadline()).revoked()).isTrue();
    assertAllEnded();
  }

  @Test
  void movedServerEndsTheSessionAtTheUrlBeforeAndShowsTheNewServerNothing() {
    used();
    try (var elsewhere = FakeMcpServer.protectedBy(world.authorizationServer)) {
      server.put(record(elsewhere.url()));
      assertThat(elsewhere.requests()).isEmpty();
    }
    assertAllEnded();
  }

  @Test
  void anotherQueryOfTheUrlEndsTheSession() {
    used();
    server.put(record(world.mcpServer.url() + "?toolsets=all"));
    assertAllEnded();
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
  }

  @Test
  void forgottenUserEndsTheSession() {
    used();
    assertThat(world.flow().forgetUser(USER, USER.user(), deadline()).left()).isZero();
    assertAllEnded();
    assertThat(world.authorizationServer.revocations()).hasSize(1);
  }

  @Test
  void secondConsentEndsTheSessionOfTheGrantThatItReplaces() {
    var first = world.connect();
    byUrl(call("whoami"));
    assertThat(world.mcpServer.openSessions()).hasSize(1);
    var second = world.connect();
    assertThat(second.id()).isNotEqualTo(first.id());
    assertAllEnded();
    assertThat(ends()).singleElement().satisfies(end -> assertThat(end.header("authorization"))
        .contains("Bearer " + first.tokens().accessToken().reveal()));
  }

  @Test
  void sessionIsEndedWithTheTokenOfTheRefreshThatOvertakesTheDeletion() {
    var grant = used();
    meanwhile.before(request -> request instanceof DeleteItemRequest delete
        && delete.tableName().equals(world.platform.tables().tokens()),
        () -> world.flow().refresh(USER, new What.Stored(MCP_ID), deadline()));
    assertThat(server.disconnect(USER)).isTrue();
    assertAllEnded();
    assertThat(ends()).singleElement().satisfies(end -> assertThat(end.header("authorization")).isPresent()
        .get().isNotEqualTo("Bearer " + grant.tokens().accessToken().reveal()));
  }

  @Test
  void connectingAfterAChangeOfTheQueryThatDiedEndsTheSession() {
    used();
    var kept = world.mcpServer.openSessions();
    meanwhile.before(request -> request instanceof UpdateItemRequest update
        && update.updateExpression().contains("#serverUrl"), () -> {
          throw new IllegalStateException("invented fault");
        });
    assertThatIllegalStateException()
        .isThrownBy(() -> server.put(record(world.mcpServer.url() + "?toolsets=all")));
    assertThat(ends()).isEmpty();
    server.connect(USER);
    assertThat(world.mcpServer.endedSessions()).containsAll(kept);
  }

  @Test
  void expiredTokenIsNeitherSentNorRefreshedOnlyToEndASession() {
    used();
    world.clock.advance(Duration.ofMinutes(61));
    int before = world.authorizationServer.tokenRequests().size();
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(ends()).isEmpty();
    assertThat(world.authorizationServer.tokenRequests()).hasSize(before);
  }

  // The server does not end the session

  private void assertDisconnectedAll() {
    assertThat(server.disconnect(USER)).isTrue();
    assertThat(ends()).hasSize(1);
    assertThat(world.authorizationServer.liveRefreshTokens()).isEmpty();
    assertThat(server.status()).isEqualTo("disconnected");
  }

  @Test
  void serverThatEndsNoSessionsDoesNotDisturbTheRevocation() {
    used();
    world.mcpServer.adjust(knobs -> knobs.sessionEndResponse(Response.of(405)));
    assertDisconnectedAll();
  }

  @Test
  void serverThatFailsToEndTheSessionDoesNotDisturbTheRevocation() {
    used();
    world.mcpServer.adjust(knobs -> knobs.sessionEndResponse(Response.of(500)));
    assertDisconnectedAll();
  }

  @Test
  void serverThatHangsAtTheEndOfTheSessionDoesNotDisturbTheRevocation() {
    used();
    world.mcpServer.adjust(knobs -> knobs.delaySessionEndUntil(new CountDownLatch(1)));
    assertDisconnectedAll();
  }

  // The session is not kept

  private Access byUrl(@Nullable McpRequest request) {
    return world.flow().access(USER, new Target.ByUrl(world.url()), request, deadline());
  }

  @Test
  void firstCallThatAnotherOneOvertakesEndsItsOwnSession() {
    world.connect();
    meanwhile.before(request -> request instanceof UpdateItemRequest update
        && update.updateExpression().contains("#wireVersion"), () -> byUrl(listTools()));
    assertThat(saidBy(byUrl(call("whoami")))).isEqualTo("owner-1");
    assertThat(world.mcpServer.openSessions()).hasSize(1);
    assertThat(world.mcpServer.endedSessions()).hasSize(1);
    int before = world.mcpServer.requests().size();
    byUrl(listTools());
    assertThat(world.mcpServer.requests()).as("the kept session is the open one").hasSize(before + 1);
  }

  @Test
  void ofManyFirstCallsAtOnceOneSessionStaysOpen() throws Exception {
    world.connect();
    var calls = new ArrayList<Callable<Access>>();
    for (int i = 0; i < 5; i++)
      calls.add(() -> byUrl(call("whoami")));
    GrantWorld.together(calls).forEach(access -> assertThat(saidBy(access)).isEqualTo("owner-1"));
    assertThat(world.mcpServer.openSessions()).hasSize(1);
  }

  @Test
  void descriptionEndsTheSessionThatItNeededAndLeavesTheKeptOne() {
    world.connect();
    byUrl(listTools());
    var kept = world.mcpServer.openSessions();
    byUrl(null);
    assertThat(world.mcpServer.openSessions()).isEqualTo(kept);
    assertThat(world.mcpServer.endedSessions()).hasSize(1);
  }

  /** What was agreed on is not the cause of the refusal, so the next call needs no handshake. */
  @Test
  void sessionOfACallThatIsRefusedAfterItsHandshakeIsKept() {
    world.connect();
    world.mcpServer.adjust(knobs -> knobs.requireScope("tools/call", "more"));
    assertThat(byUrl(call("whoami"))).isInstanceOf(Access.StepUpNeeded.class);
    assertThat(byUrl(listTools())).isInstanceOf(Access.Answered.class);
    assertThat(world.mcpServer.openSessions()).hasSize(1);
    assertThat(world.mcpServer.methods()).containsOnlyOnce("initialize");
  }

  // The kept session stays

  @Test
  void descriptionDoesNotEndTheKeptSessionOfAServerWithOneSessionForEachUser() {
    world.connect();
    world.mcpServer.adjust(knobs -> knobs.oneSessionPerUser());
    byUrl(listTools());
    byUrl(null);
    assertThat(ends()).isEmpty();
  }

  @Test
  void requestWithQuestionsDoesNotEndTheKeptSessionOfAServerWithOneSessionForEachUser() {
    world.connect();
    world.mcpServer.adjust(knobs -> knobs.oneSessionPerUser());
    byUrl(listTools());
    byUrl(new McpRequest("tools/call", call("whoami").params(), Elicitation.DEFAULTS));
    assertThat(ends()).isEmpty();
    assertThat(saidBy(byUrl(call("whoami")))).isEqualTo("owner-1");
  }

  @Test
  void descriptionWithAnotherVersionDoesNotEndTheSessionThatOtherCallsMayBeUsing() {
    world.connect();
    byUrl(listTools());
    var before = world.mcpServer.openSessions();
    world.mcpServer.adjust(knobs -> knobs.protocolVersions("2025-06-18"));
    byUrl(null);
    assertThat(world.mcpServer.openSessions()).containsAll(before);
  }

  // Servers without a token

  private FakeMcpServer openServer() {
    var open = FakeMcpServer.open();
    server.put(record(open.url()));
    server.access(listTools());
    assertThat(open.openSessions()).hasSize(1);
    return open;
  }

  private void assertOpenServerEnds(Runnable end) {
    try (var open = openServer()) {
      end.run();
      assertThat(open.openSessions()).isEmpty();
      assertThat(ends(open)).isNotEmpty()
          .allSatisfy(request -> assertThat(request.header("authorization")).isEmpty());
    }
  }

  @Test
  void disconnectingAServerWithoutATokenEndsItsSession() {
    assertOpenServerEnds(() -> world.flow().disconnect(USER, MCP_ID, deadline()));
  }

  @Test
  void deletingAServerWithoutATokenEndsItsSession() {
    assertOpenServerEnds(() -> world.flow().deleteServer(USER, MCP_ID, deadline()));
  }

  @Test
  void movingAServerWithoutATokenEndsItsSession() {
    assertOpenServerEnds(() -> server.put(record(world.mcpServer.url())));
  }

  @Test
  void forgettingTheUserOfAServerWithoutATokenEndsItsSession() {
    assertOpenServerEnds(() -> world.flow().forgetUser(USER, USER.user(), deadline()));
  }
}
