package social.avatarai.mcp.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.authorization.AuthorizationStarted;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.registration.ClientIdentity.Origin;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.token.CallerRefresh;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.vault.CachedSecret;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.OperatorsClient;

/** The secret of the operator's client is in the vault, and is read where the client authenticates. */
class OperatorSecretFlowTest {
  private final FlowWorld world = FlowWorld.start();

  @BeforeEach
  void configure() {
    OperatorsClient.at(world, false);
    changeSecret(OperatorsClient.SECRET);
  }

  /** The issuer takes this secret from now on, and no other. */
  private void changeSecret(String secret) {
    world.authorizationServer.preRegister(FakeClient.confidential(OperatorsClient.ID, secret, world.contextCallback())
        .authenticatingBy("client_secret_post"));
  }

  @AfterEach
  void close() {
    world.close();
  }

  private MemoryVault vault() {
    return (MemoryVault) world.platform.stores().vault();
  }

  /** The calls to the vault while the response of a flow is redeemed. */
  private int vaultCallsOfCallback(AuthorizationStarted begun) {
    var response = world.approve(begun);
    int before = vault().calls();
    world.callback(begun, response);
    return vault().calls() - before;
  }

  @Test
  void theSecretIsReadWhenTheClientAuthenticatesAndNotBefore() {
    vault().delete(OperatorsClient.SECRET_NAME);
    var begun = world.begin();
    vault().create(OperatorsClient.SECRET_NAME, OperatorsClient.SECRET);

    world.callback(begun, world.approve(begun));

    assertThat(world.stored(USER)).hasValueSatisfying(
        grant -> assertThat(grant.client().origin()).isEqualTo(Origin.OPERATOR));
    assertThat(world.authorizationServer.tokenRequests().getFirst().parameters())
        .containsEntry("client_secret", OperatorsClient.SECRET);
  }

  @Test
  void aColdCallbackReadsTheKeyRingAndTheSecretAndAWarmOneReadsNothing() {
    var first = world.begin();
    var second = world.begin(OTHER, AuthorizationStart.fresh());
    world.restart();

    assertThat(vaultCallsOfCallback(first)).isEqualTo(2);
    assertThat(vaultCallsOfCallback(second)).isZero();
  }

  @Test
  void aReplacedSecretIsSentAfterFiveMinutes() {
    world.connect();
    vault().replace(OperatorsClient.SECRET_NAME, "the-next-secret");
    changeSecret("the-next-secret");
    world.clock.advance(CachedSecret.REREAD_AFTER.plus(Duration.ofSeconds(1)));

    world.connect(OTHER, AuthorizationStart.fresh());

    assertThat(world.authorizationServer.tokenRequests().getLast().parameters()).containsEntry("client_secret",
        "the-next-secret");
  }

  @Test
  void aReplacedSecretThatTheProcessNoticesLiftsTheWaitOfAGrant() {
    world.connect();
    changeSecret("the-next-secret");
    world.clock.advance(Duration.ofMinutes(61));
    assertThat(refresh()).isInstanceOf(Refreshed.Later.class);
    vault().replace(OperatorsClient.SECRET_NAME, "the-next-secret");
    assertThat(refresh()).as("the old secret is remembered").isInstanceOf(Refreshed.Later.class);
    world.clock.advance(CachedSecret.REREAD_AFTER.plus(Duration.ofSeconds(1)));
    assertThat(refresh()).isInstanceOf(Refreshed.Renewed.class);
  }

  /** The bug: two processes that remember different secrets took each other's attempt for a change, and never waited. */
  @Test
  void processThatRemembersAnOlderSecretThanTheFailedAttemptKeepsTheWait() {
    world.connect();
    changeSecret("a-secret-that-no-process-has");
    world.clock.advance(Duration.ofMinutes(61));
    var behind = world.flow();
    assertThat(refresh(behind)).isInstanceOf(Refreshed.Later.class);
    vault().replace(OperatorsClient.SECRET_NAME, "the-next-secret");
    world.restart();
    var ahead = world.flow();
    assertThat(refresh(ahead)).isInstanceOf(Refreshed.Later.class);
    assertThat(world.refreshes()).as("the next secret was tried").isEqualTo(2);
    for (int i = 0; i < 3; i++) {
      assertThat(refresh(behind)).isInstanceOf(Refreshed.Later.class);
      assertThat(refresh(ahead)).isInstanceOf(Refreshed.Later.class);
    }
    assertThat(world.refreshes()).isEqualTo(2);
  }

  private Refreshed refresh() {
    return refresh(world.flow());
  }

  private Refreshed refresh(Flow process) {
    return process.refresh(USER, new CallerRefresh.What.Stored(world.connection()), FlowWorld.deadline());
  }

  @Test
  void aMissingSecretIsAFaultOfTheDeploymentAndNothingIsSent() {
    vault().delete(OperatorsClient.SECRET_NAME);
    var begun = world.begin();
    var response = world.approve(begun);

    assertThat(world.callback(begun, response)).isEqualTo(world.failed(ErrorCode.MISCONFIGURED));
    assertThat(world.authorizationServer.tokenRequests()).isEmpty();
  }
}
