package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.RecordedIssuers.withEndpoints;
import static social.avatarai.mcp.world.RecordedIssuers.withOwnClient;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.McpServerKnobs;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;

/** Whichever call finds out that consent is needed, it leads to the issuer that the user's record binds. */
class RecordedConsentFlowTest {

  /** The call begins the flow that it needs, as with {@code start=true}. */
  private static AuthorizationStarted started(FlowWorld world, Access access) {
    if (!(access instanceof Access.ConsentNeeded needed)) throw new AssertionError("no consent needed, but " + access);
    var start = AuthorizationStart.fresh().forServer(MCP_ID).replacing(needed.replaceable()).counted(needed.counted());
    return world.flow().consent(USER, needed.resource(), start, world.now());
  }

  private static void assertLeadsToTheIssuer(FlowWorld world, AuthorizationStarted begun) {
    assertThat(begun.authorizationUrl()).startsWith(world.authorizationServer.issuer());
    assertThat(begun.warnings()).contains(Warning.ISSUER_BY_RECORD).doesNotContain(Warning.LEGACY_DISCOVERY);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void refusalWithoutAChallengeLeadsThere(int status) {
    try (var world = RecordedIssuers.world(_ -> {}, mcp -> mcp.withoutChallenge().statusWithoutToken(status))) {
      var server = new ServerWorld(world);
      server.put(withOwnClient(world));
      assertLeadsToTheIssuer(world, server.begin());
      var begun = started(world, server.access(USER));
      assertLeadsToTheIssuer(world, begun);
      server.consented(begun);
      assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    }
  }

  @Test
  void withoutAClientInTheRecordARefusalWithoutAChallengeStaysARefusal() {
    try (var world = RecordedIssuers.world(_ -> {}, mcp -> mcp.withoutChallenge().statusWithoutToken(403))) {
      var server = new ServerWorld(world);
      server.put();
      assertFails(ErrorCode.UPSTREAM_REFUSED, () -> server.connect(USER));
      assertFails(ErrorCode.UPSTREAM_REFUSED, () -> server.access(USER));
    }
  }

  /** A server that describes itself to everybody, and refuses tools without a token and without a challenge. */
  private static McpServerKnobs openButForTools(McpServerKnobs mcp) {
    return mcp.withoutChallenge().withoutTokenFor("initialize", "notifications/initialized", "server/discover");
  }

  @Test
  void toolOfAServerThatDescribesItselfToEverybodyLeadsThere() {
    try (var world = RecordedIssuers.world(_ -> {}, RecordedConsentFlowTest::openButForTools)) {
      var server = new ServerWorld(world);
      server.put(withOwnClient(world));
      var begun = started(world, server.access(USER));
      assertLeadsToTheIssuer(world, begun);
      server.consented(begun);
      assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");

      server.put(record(world.mcpServer.url()));
      assertFails(ErrorCode.RESOURCE_METADATA_NOT_FOUND, () -> server.access(USER));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 403, 405})
  void deadGrantLeadsThereWhateverTheServerSaysWithoutAToken(int status) {
    try (var world = RecordedIssuers.bareWorld()) {
      var server = new ServerWorld(world);
      server.put(withEndpoints(world));
      server.connectWithConsent();
      world.mcpServer.adjust(mcp -> {
        if (status == 200) openButForTools(mcp);
        else
          mcp.withoutChallenge().statusWithoutToken(status);
      });
      world.authorizationServer.liveRefreshTokens().forEach(world.authorizationServer::revoke);
      world.clock.advance(Duration.ofMinutes(61));
      world.restart();

      assertLeadsToTheIssuer(world, server.begin());
      assertLeadsToTheIssuer(world, started(world, server.access(USER)));
      var byUrl = world.flow().access(USER, new Target.ByUrl(world.url()), call("whoami"), deadline());
      var again = started(world, byUrl);
      assertLeadsToTheIssuer(world, again);
      server.consented(again);
      assertThat(saidBy(server.access(USER))).as("by the second consent").isEqualTo("owner-2");
      assertThat(world.authorizationServer.metadataRequests()).isEmpty();
    }
  }

  @Test
  void tokenThatTheServerRefusesLeadsThereWhereTheCallerAsksForAFlow() {
    try (var world = RecordedIssuers.bareWorld()) {
      var server = new ServerWorld(world);
      server.put(withEndpoints(world));
      server.connectWithConsent();
      world.mcpServer.adjust(mcp -> mcp.takesTokens(false).withoutChallenge().statusWithoutToken(400));
      world.restart();

      var access = world.flow().accessOrStuck(USER, new Target.ByConnection(MCP_ID), call("whoami"), deadline());
      assertThat(access).isInstanceOf(Access.NoUsableToken.class);
      world.restart();
      assertLeadsToTheIssuer(world, world.flow().consentInstead(USER, (Access.NoUsableToken) access,
          AuthorizationStart.fresh().forServer(MCP_ID), world.now()));
      world.restart();
      assertLeadsToTheIssuer(world, server.begin());
    }
  }
}
