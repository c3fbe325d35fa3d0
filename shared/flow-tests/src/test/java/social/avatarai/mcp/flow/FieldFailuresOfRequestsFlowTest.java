package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.CallbackOutcome;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.McpRequest;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/**
 * Failures of other MCP clients that were published this year: a request goes where it must not go, or says what it
 * must not say. The names of the tests say what went wrong there.
 */
class FieldFailuresOfRequestsFlowTest {
  private static final String INNER = "https://169.254.169.254/latest/meta-data/";

  private final FlowWorld world = FlowWorld.start();
  private final LoopbackHttp collector = LoopbackHttp.start(_ -> Response.of(200));

  @AfterEach
  void close() {
    try (collector) {
      world.close();
    }
  }

  /** CVE-2026-64684, CVE-2026-111769. The request carries the token, and a header that the server's tool asked for. */
  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void headersAreNotReplayedAtACrossOriginRedirect(int status) {
    world.mcpServer.adjust(mcp -> mcp.protocolVersions("2026-07-28"));
    world.connect();
    ask(GrantWorld.listTools());
    ask(forecast());
    world.mcpServer.mcpEndpoint().next(Response.redirect(status, collector.url() + "/mcp"));
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> ask(forecast()));
    var redirected = world.mcpServer.requests().getLast();
    assertThat(redirected.header("mcp-param-region")).contains("north");
    assertThat(redirected.header("authorization")).isPresent();
    world.authorizationServer.tokenEndpoint().next(Response.redirect(status, collector.url() + "/token"));
    var begun = world.begin();
    assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);

    assertThat(collector.requests()).isEmpty();
  }

  /** A call whose argument the server wants in a header too. */
  private static McpRequest forecast() {
    var params = Json.newObject().put("name", "forecast");
    params.putObject("arguments").put("region", "north");
    return new McpRequest("tools/call", params);
  }

  private void use() {
    ask(GrantWorld.call("whoami"));
  }

  private void ask(McpRequest request) {
    world.flow().access(USER, new Target.ByConnection(world.connection()), request, deadline());
  }

  /** CVE-2026-32625: templates in the URL of a server read the secrets of the host. */
  @ParameterizedTest
  @ValueSource(strings = {"$PATH", "%24%7BPATH%7D", "$(env)", "%7B%7BPATH%7D%7D", "$KEY_RING_SECRET"})
  void templateInAUrlReadsNoEnvironment(String template) {
    var server = new ServerWorld(world);
    String url = collector.url() + "/mcp/" + template + "?key=" + template;
    assertThat(server.put(ServerWorld.record(url)).at("/endpoint/url").asText())
        .isEqualTo(collector.url() + "/mcp/" + template + "?***");

    assertThatExceptionOfType(Failure.class).isThrownBy(() -> server.connect(USER));

    assertThat(collector.requests()).isNotEmpty()
        .allSatisfy(request -> assertThat(request.path() + request.rawQuery()).contains(template))
        .noneMatch(request -> request.rawQuery().contains(System.getenv("PATH")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"${PATH}", "{{PATH}}", "#{PATH}", "<%=ENV%>"})
  void templateThatNoUrlCanHoldIsRefusedAsItIsWritten(String template) {
    String url = "https://mcp.example/" + template;
    assertFails(ErrorCode.INVALID_URL, () -> new ServerWorld(world).put(ServerWorld.record(url)));
    assertFails(ErrorCode.INVALID_URL, () -> EndpointUrl.ofParameter("resource_url", url));
    assertThat(world.everythingStored()).doesNotContain("mcp.example");
  }

  /** CVE-2026-45609, CVE-2026-45401. */
  @Test
  void requestIsNotForgedByWhatTheServersChallengeOrMetadataNames() {
    world.mcpServer.adjust(mcp -> mcp.resourceMetadata(INNER));
    assertFails(ErrorCode.BLOCKED_URL, world::begin);
    world.mcpServer.adjust(mcp -> mcp.resourceMetadata(world.mcpServer.origin() + "/metadata"));
    world.mcpServer.shareOriginWith(_ -> Response.redirect(302, INNER));
    assertFails(ErrorCode.BLOCKED_URL, world::begin);
    world.mcpServer.adjust(mcp -> mcp.withoutResourceMetadata().authorizationServers(INNER));
    assertFails(ErrorCode.BLOCKED_URL, world::begin);
    world.assertNothingBegan();
  }

  /** The same, with the documents of the issuer. */
  @ParameterizedTest
  @CsvSource({"authorization_endpoint", "token_endpoint", "registration_endpoint"})
  void requestIsNotForgedByWhatTheIssuersMetadataNames(String endpoint) {
    world.authorizationServer.adjust(knobs -> knobs.metadata(endpoint, INNER));
    assertFails(ErrorCode.BLOCKED_URL, world::begin);
    world.assertNothingBegan();
  }

  /** The same, with addresses that were allowed when they were discovered: each use checks them again. */
  @Test
  void addressThatWasAllowedAtDiscoveryIsCheckedAgainAtEachUse() {
    var held = world.connect().key().connection();
    var issuer = world.authorizationServer;
    int sent = world.mcpServer.requests().size() + issuer.metadataRequests().size() + issuer.tokenRequests().size();
    world.platform.with(AddressPolicy.publicInternet());
    world.restart();

    assertFails(ErrorCode.BLOCKED_URL, this::use);
    assertThat(world.flow().refresh(USER, new What.Stored(held), deadline())).isInstanceOf(Refreshed.Later.class);
    assertThat(world.flow().disconnect(USER, held, deadline()).revoked()).isFalse();

    assertThat(world.mcpServer.requests().size() + issuer.metadataRequests().size() + issuer.tokenRequests().size())
        .isEqualTo(sent);
    assertThat(issuer.revocations()).isEmpty();
  }

  /** CVE-2026-27896. JSON is compared by the letter (RFC 8259 §8.3), and a check must read what its use reads. */
  @Test
  void memberInOtherLettersIsNoMember() {
    world.mcpServer.adjust(mcp -> mcp.metadata("Resource", "https://victim.example/mcp")
        .metadata("AUTHORIZATION_SERVERS", List.of("https://evil.example")));
    world.authorizationServer.adjust(knobs -> knobs.metadata("ISSUER", "https://evil.example")
        .metadata("Token_Endpoint", collector.url() + "/token").metadata("Registration_endpoint", collector.url())
        .tokenResponse("Access_Token", "planted"));

    var grant = world.connect();

    assertThat(collector.requests()).isEmpty();
    assertThat(grant.tokens().accessToken().reveal()).isNotEqualTo("planted");
  }

  @Test
  void memberInOtherLettersDoesNotStandForAnAbsentOne() {
    world.authorizationServer.adjust(
        knobs -> knobs.withoutMetadata("issuer").metadata("Issuer", world.authorizationServer.issuer()));
    assertFails(ErrorCode.ISSUER_METADATA_NOT_FOUND, world::begin);
    world.mcpServer.adjust(mcp -> mcp.withoutMetadata("resource").metadata("Resource", world.mcpServer.url()));
    world.restart();
    assertThatExceptionOfType(Failure.class).isThrownBy(
        () -> world.flow().start(USER, world.url(), AuthorizationStart.fresh(), world.now()));
    world.assertNothingBegan();
  }

  @Test
  void accessTokenInOtherLettersIsNone() {
    world.authorizationServer.adjust(
        knobs -> knobs.withoutTokenResponse("access_token").tokenResponse("Access_Token", "planted"));
    var begun = world.begin();
    assertThat(world.callback(begun, world.approve(begun))).isInstanceOf(CallbackOutcome.Failed.class);
    assertThat(world.stored(USER)).isEmpty();
  }
}
