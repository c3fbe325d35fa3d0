package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.FlowWorld.urlOf;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.OperatorsClient;
import social.avatarai.mcp.world.TwoIssuers;

/**
 * Failures of other MCP clients that were published this year: a server decides which issuer gets a secret. The names
 * of the tests say what went wrong there.
 */
class FieldFailuresOfIssuersFlowTest {
  private final TwoIssuers issuers = new TwoIssuers();

  @AfterEach
  void close() {
    issuers.close();
  }

  /** CVE-2026-115563 (GHSA-qx49-fqc8-xw99). */
  @Test
  void secretIsNotSentToAnIssuerThatTheServerNames() {
    var world = issuers.world;
    OperatorsClient.at(world, false);
    issuers.naming(issuers.other);

    var begun = issuers.begin(AuthorizationStart.fresh());

    assertThat(begun.authorizationUrl()).startsWith(issuers.other.issuer());
    issuers.finish(begun);
    assertThat(received(issuers.other)).isNotEmpty()
        .noneMatch(request -> shows(request, OperatorsClient.SECRET) || shows(request, OperatorsClient.ID));
  }

  /** The fallback to the server's own origin, of MCP 2025-03-26. It was used to get at secrets of the real issuer. */
  @Test
  void secretIsNotSentToAServerWithoutResourceMetadataWhoseOwnMetadataClaimsTheRealIssuer() {
    var world = issuers.world;
    OperatorsClient.at(world, false);
    var thief = issuers.other;
    thief.adjust(knobs -> knobs.metadata("issuer", world.authorizationServer.issuer()));
    try (var server = FakeMcpServer.atOriginOf(thief,
        mcp -> mcp.withoutResourceMetadata().metadataResponse(Response.of(404)))) {
      for (var start : List.of(AuthorizationStart.fresh(), TwoIssuers.at(world.authorizationServer))) {
        assertFails(start.issuer() == null ? ErrorCode.ISSUER_MISMATCH : ErrorCode.ISSUER_NOT_BOUND,
            () -> world.begin(USER, urlOf(server), start));
      }
    }
    assertThat(thief.metadataRequests()).isNotEmpty();
    issuers.assertNothingBeganAtTheOther();
    world.assertNothingBegan();
  }

  /** CVE-2026-104850 (GHSA-6qxp-vccf-f47h): no user had to do anything. */
  @Test
  void storedRefreshTokenIsNotSentToANewlyNamedIssuerWithoutItsUser() {
    var world = issuers.world;
    var held = world.connect();
    issuers.naming(issuers.other);
    world.clock.advance(Duration.ofMinutes(61));

    assertThat(use()).isInstanceOf(Access.Answered.class);
    world.clock.advance(Duration.ofMinutes(61));
    issuers.migrate();
    world.refreshDue();
    assertThat(use()).isInstanceOf(Access.ConsentNeeded.class);

    assertThat(world.authorizationServer.tokenRequests()).hasSizeGreaterThan(1);
    issuers.assertNothingBeganAtTheOther();
    assertThat(received(issuers.other))
        .noneMatch(request -> shows(request, held.client().id().value()) || shows(request, "refresh_token"));
  }

  /** CVE-2026-63127, CVE-2026-54030: the server claims the resource of another server, to get a token for that one. */
  @Test
  void resourceOfTheMetadataIsComparedWithTheServerThatWasAsked() {
    var world = issuers.world;
    world.connect();
    try (var thief = FakeMcpServer.protectedBy(world.authorizationServer,
        mcp -> mcp.resource(world.mcpServer.url()))) {
      int asked = world.authorizationServer.authorizeRequests().size();

      assertFails(ErrorCode.RESOURCE_MISMATCH, () -> world.begin(USER, urlOf(thief), AuthorizationStart.fresh()));
      assertFails(ErrorCode.RESOURCE_MISMATCH,
          () -> world.flow().access(USER, new Target.ByUrl(urlOf(thief)), GrantWorld.listTools(), deadline()));

      assertThat(world.authorizationServer.authorizeRequests()).hasSize(asked);
      assertThat(thief.requests()).isNotEmpty().noneMatch(request -> request.header("authorization").isPresent());
    }
  }

  private Access use() {
    var world = issuers.world;
    return world.flow().access(USER, new Target.ByConnection(world.connection()), GrantWorld.call("whoami"),
        deadline());
  }

  /** Everything that an authorization server has received. */
  private static List<Received> received(FakeAuthorizationServer server) {
    return Stream.of(server.metadataRequests(), server.registrations(), server.authorizeRequests(),
        server.tokenRequests(), server.revocations()).flatMap(List::stream).toList();
  }

  private static boolean shows(Received request, String text) {
    return (request.rawQuery() + request.headers() + request.body()).contains(text);
  }
}
