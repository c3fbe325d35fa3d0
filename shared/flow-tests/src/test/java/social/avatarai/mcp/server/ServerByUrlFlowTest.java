package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.record;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.registration.ClientChoice;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/** A request to the URL of a registered server uses the grant of the server's connection. */
class ServerByUrlFlowTest {
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    world.close();
  }

  private Access byUrl(Caller caller, String url) {
    return world.flow().access(caller, new Target.ByUrl(new EndpointUrl(url)), call("whoami"), deadline());
  }

  private Access byUrl() {
    return byUrl(USER, world.mcpServer.url());
  }

  @Test
  void connectedServerIsAskedByItsUrlWithItsGrant() {
    server.put();
    assertThat(byUrl()).isInstanceOf(Access.ConsentNeeded.class);
    server.connectWithConsent();
    assertThat(saidBy(byUrl())).isEqualTo("owner-1");
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    assertThat(byUrl(OTHER, world.mcpServer.url())).isInstanceOf(Access.ConsentNeeded.class);
  }

  @Test
  void serverAndResourceAloneAtOneUrlMustBeNamed() {
    server.put();
    server.connectWithConsent();
    var ofResource = world.connect();
    assertThatThrownBy(this::byUrl).isInstanceOfSatisfying(Failure.class, failure -> {
      assertThat(failure.code()).isEqualTo(ErrorCode.AMBIGUOUS_CONNECTION);
      assertThat(failure).hasMessageContainingAll("server_id", MCP_ID.value(), ofResource.key().connection().value());
    });
    assertThat(saidBy(server.access(USER))).isEqualTo("owner-1");
    var named = new Target.ByConnection(ofResource.key().connection());
    assertThat(saidBy(world.flow().access(USER, named, call("whoami"), deadline()))).isEqualTo("owner-2");
    server.disconnect(USER);
    assertThat(saidBy(byUrl())).isEqualTo("owner-2");
  }

  @Test
  void serverThatIsSwitchedOffIsNotAskedByItsUrl() {
    server.put();
    server.connectWithConsent();
    server.put(record(world.mcpServer.url()).put("enabled", false));
    int asked = world.mcpServer.requests().size();
    assertFails(ErrorCode.SERVER_DISABLED, this::byUrl);
    assertThat(world.mcpServer.requests()).hasSize(asked);
    server.put(record(world.mcpServer.url()).put("enabled", true));
    assertThat(saidBy(byUrl())).isEqualTo("owner-1");
  }

  @Test
  void serverThatMovedIsAskedAtNeitherUrlWithTheGrantFromBefore() {
    server.put();
    server.connectWithConsent();
    try (var other = FakeMcpServer.protectedBy(world.authorizationServer)) {
      server.put(record(other.url()));
      assertThat(byUrl()).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(byUrl(USER, other.url())).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(other.requests()).noneMatch(request -> request.header("authorization").isPresent());
    }
  }

  @Test
  void consentThatIsNeededAgainIsThatOfTheServer() {
    server.put();
    var grant = server.connectWithConsent();
    world.authorizationServer.revoke(GrantWorld.refreshTokenOf(grant).reveal());
    world.clock.advance(Duration.ofMinutes(61));
    var needed = (Access.ConsentNeeded) byUrl();
    assertThat(needed.connection()).isEqualTo(MCP_ID);
    var starting = AuthorizationStart.fresh().forServer(needed.connection());
    var begun = world.flow().consent(USER, needed.resource(), starting, world.now());
    assertThat(server.consented(begun).key().connection()).isEqualTo(MCP_ID);
    assertThat(saidBy(byUrl())).isEqualTo("owner-2");
  }

  /** The consent is for the URL of the record, even if the URL of the request has an additional slash. */
  @Test
  void consentIsForTheUrlOfTheRecordWhicheverOneWasAsked() {
    server.put();
    var grant = server.connectWithConsent();
    world.authorizationServer.revoke(GrantWorld.refreshTokenOf(grant).reveal());
    world.clock.advance(Duration.ofMinutes(61));
    var needed = (Access.ConsentNeeded) byUrl(USER, world.mcpServer.url() + "/");
    assertThat(needed.resource().server().value()).isEqualTo(world.mcpServer.url());
    assertThat(needed.connection()).isEqualTo(MCP_ID);
  }

  @Test
  void stepUpIsThatOfTheServer() {
    world.mcpServer.adjust(knobs -> knobs.requireScope("tools/call", "mcp:write"));
    var record = record(world.mcpServer.url());
    record.putObject("authorization").put("scopes", "mcp:read");
    server.put(record);
    server.connectWithConsent();
    var more = (Access.StepUpNeeded) byUrl();
    assertThat(more.connection()).isEqualTo(MCP_ID);
    var starting = AuthorizationStart.fresh().at(more.issuer())
        .as(ClientChoice.of(more.clientId())).requesting(more.required()).forServer(more.connection());
    var begun = world.flow().stepUp(USER, more.resource(), starting, world.now());
    assertThat(server.consented(begun).key().connection()).isEqualTo(MCP_ID);
    assertThat(saidBy(byUrl())).isEqualTo("owner-2");
  }
}
