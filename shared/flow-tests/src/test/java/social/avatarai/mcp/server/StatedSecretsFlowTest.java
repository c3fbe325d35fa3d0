package social.avatarai.mcp.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.RecordedIssuers.SECRET;
import static social.avatarai.mcp.world.RecordedIssuers.stating;
import static social.avatarai.mcp.world.RecordedIssuers.withOwnClient;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.testkit.FakeAuthorizationServer;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.Received;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.RecordedIssuers;
import social.avatarai.mcp.world.ServerWorld;

/** A secret is for the endpoints that it was entered with. The same issuer and client with other endpoints have none. */
class StatedSecretsFlowTest {
  private static final String BOGUS = "invented-secret-of-a-thief";
  private static final ConnectionId OTHER_RECORD = new ConnectionId("another-record");

  private final FlowWorld world = RecordedIssuers.bareWorld();
  private final FakeAuthorizationServer thief = FakeAuthorizationServer
      .start(knobs -> knobs.clock(world.clock).withoutIss());
  private final ServerWorld server = new ServerWorld(world);

  @AfterEach
  void close() {
    try (world) {
      thief.close();
    }
  }

  /** A record of the honest issuer and its client, with the endpoints of this server. */
  private ObjectNode stated(FakeAuthorizationServer at, @Nullable String secret) {
    var record = stating(withOwnClient(world), at.issuer());
    if (secret == null) config(record).remove("client_secret");
    else
      config(record).put("client_secret", secret);
    return record;
  }

  /** The same with invented tokens that have expired, so that the next use refreshes them. */
  private ObjectNode withExpiredTokens(ObjectNode record) {
    record.withObject("/authorization").putObject("credentials").put("access_token", "invented-access-token")
        .put("refresh_token", "invented-refresh-token").put("expires_at", "2020-01-01T00:00:00Z");
    return record;
  }

  private void putOther(ObjectNode record) {
    world.flow().putServer(USER, OTHER_RECORD, record, world.now());
  }

  private void refreshWhatIsDueAndUse(ConnectionId connection) {
    world.restart();
    world.clock.advance(Duration.ofMinutes(61));
    world.refreshDue();
    assertFails(ErrorCode.UPSTREAM_UNREACHABLE, () -> world.flow().access(USER, new Target.ByConnection(connection),
        GrantWorld.call("whoami"), deadline()));
  }

  private static List<Received> heard(FakeAuthorizationServer at) {
    return Stream.concat(at.tokenRequests().stream(), at.revocations().stream()).toList();
  }

  static List<String> secretsIn(List<Received> requests) {
    return requests.stream().flatMap(request -> Stream.concat(request.header("authorization").stream()
        .map(basic -> new String(Base64.getDecoder().decode(basic.substring(6)), UTF_8).replaceFirst(".*:", "")),
        Stream.ofNullable(request.parameters().get("client_secret")))).distinct().toList();
  }

  @Test
  void secretThatIsEnteredLaterIsNotRefreshedWithAtEndpointsThatWereStatedBefore() {
    putOther(withExpiredTokens(stated(thief, BOGUS)));
    server.put(stated(world.authorizationServer, SECRET));
    refreshWhatIsDueAndUse(OTHER_RECORD);
    assertThat(heard(thief)).isNotEmpty();
    assertThat(secretsIn(heard(thief))).containsExactly(BOGUS);
  }

  @Test
  void recordWhoseSecretCouldNotBeStoredGetsNoSecretThatWasEnteredForOtherEndpoints() {
    server.put(stated(world.authorizationServer, SECRET));
    // The secrets of one place fill their store, so that the next one fails after its record was written.
    for (int i = 0; i < 15; i++) {
      var filler = stated(thief, "f".repeat(4_090));
      config(filler).put("client_id", "filler-" + i);
      world.flow().putServer(USER, new ConnectionId("filler-" + i), filler, world.now());
    }
    assertFails(ErrorCode.INVALID_REQUEST, () -> putOther(stated(thief, "x".repeat(4_096))));

    putOther(withExpiredTokens(stated(thief, null)));
    refreshWhatIsDueAndUse(OTHER_RECORD);
    assertThat(heard(thief)).isNotEmpty();
    assertThat(secretsIn(heard(thief))).isEmpty();
  }

  @Test
  void secretThatComesWithOtherEndpointsIsNotSentToTheFormerRevocationEndpoint() {
    server.put(withExpiredTokens(stated(thief, BOGUS)));
    server.put(stated(world.authorizationServer, SECRET));
    assertThat(thief.revocations()).isNotEmpty();
    assertThat(secretsIn(heard(thief))).containsExactly(BOGUS);
  }

  @Test
  void secretThatComesWithAnotherRevocationEndpointIsNotSentToTheFormerOne() {
    var former = stated(world.authorizationServer, BOGUS);
    config(former).put("revocation_endpoint", thief.issuer() + "/revoke");
    server.put(withExpiredTokens(former));
    server.put(stated(world.authorizationServer, SECRET));
    assertThat(thief.revocations()).isNotEmpty();
    assertThat(secretsIn(heard(thief))).containsExactly(BOGUS);
  }

  @Test
  void clientAndSecretOfFormerEndpointsAreForgotten() {
    var owner = Owner.of(USER.user());
    server.put(stated(thief, BOGUS));
    var atThief = world.registrations().all(owner);
    server.put(stated(world.authorizationServer, SECRET));
    assertThat(world.registrations().all(owner)).hasSize(1).doesNotContainAnyElementsOf(atThief);
    assertThat(((MemoryVault) world.platform.vault()).contents().toString()).contains(SECRET).doesNotContain(BOGUS);
    world.flow().deleteServer(USER, MCP_ID, deadline());
    assertThat(world.registrations().all(owner)).isEmpty();
  }

  @Test
  void clientStaysWhileAnotherRecordStatesTheSameEndpoints() {
    server.put(stated(world.authorizationServer, SECRET));
    putOther(stated(world.authorizationServer, null));
    world.flow().deleteServer(USER, OTHER_RECORD, deadline());
    assertThat(server.connectWithConsent().client().hasStoredSecret()).isTrue();
  }

  @Test
  void bothSpellingsOfAnIssuerHaveOneSecret() {
    server.put(stated(world.authorizationServer, SECRET));
    var slash = stated(world.authorizationServer, null);
    config(slash).put("issuer", world.authorizationServer.issuer() + "/");
    assertThat(config(server.put(slash)).path("has_client_secret").asBoolean()).isTrue();
  }
}
