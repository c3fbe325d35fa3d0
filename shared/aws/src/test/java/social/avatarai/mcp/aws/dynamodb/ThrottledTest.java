package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.TestClients;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Leases.Acquired;
import social.avatarai.mcp.token.Leases.Lease;
import software.amazon.awssdk.retries.api.AcquireInitialTokenRequest;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RefreshRetryTokenRequest;
import software.amazon.awssdk.retries.api.TokenAcquisitionFailedException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/**
 * Throttled calls are tried again as the deployed clients do it, but without the pauses. A test of its own judges the
 * pauses.
 */
class ThrottledTest {

  private static DynamoDbClient client(Throttled throttled) {
    var retries = TestClients.retries().toBuilder().throttlingBackoffStrategy(BackoffStrategy.retryImmediately())
        .build();
    return Stores.embeddedWith(retries, throttled);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"})
  void aThrottledWriteIsDoneInTheEndAndOnceOnly(String error) {
    var throttled = new Throttled(error, 3);
    var leases = new DynamoDbLeases(client(throttled), Stores.TABLES);
    var lease = new Lease(Samples.key(), GrantId.fresh(), 1, NOW.plusSeconds(40));
    assertThat(leases.acquire(lease, NOW)).isEqualTo(new Acquired.First());
    assertThat(throttled.tries()).isEqualTo(4);
  }

  @Test
  void aThrottledCommitIsDoneInTheEnd() {
    var grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var grant = Samples.grant();
    grants.store(grant);
    var next = grant.renewed(Samples.tokens("renewed"), GrantState.healthy(NOW, 0));
    var throttled = new Throttled("ThrottlingException", 2);
    assertThat(new DynamoDbGrants(client(throttled), Stores.TABLES, Stores.CIPHER).commit(next)).isTrue();
    assertThat(grants.read(grant.key()).orElseThrow().tokens()).isEqualTo(next.tokens());
  }

  @Test
  void aThrottledReadIsAnsweredInTheEnd() {
    var grant = Samples.grant();
    new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER).store(grant);
    var throttled = new Throttled("ProvisionedThroughputExceededException", 2);
    assertThat(new DynamoDbGrants(client(throttled), Stores.TABLES, Stores.CIPHER).read(grant.key())).contains(grant);
  }

  @Test
  void whatIsThrottledForGoodFailsAndChangesNothing() {
    var sessions = new DynamoDbSessions(Stores.client(), Stores.TABLES, Stores.CIPHER);
    var session = Samples.session();
    sessions.begin(session);
    var throttled = new Throttled("ThrottlingException", 1_000);
    var refused = new DynamoDbSessions(client(throttled), Stores.TABLES, Stores.CIPHER);
    assertThatThrownBy(() -> refused.claim(session.key(), NOW)).isInstanceOfSatisfying(DynamoDbException.class,
        failure -> assertThat(failure.isThrottlingException()).isTrue());
    assertThat(throttled.tries()).isEqualTo(4);
    assertThat(sessions.find(session.key())).contains(session);
  }

  @Test
  void whatIsNotThrottledButRefusedIsNotTriedAgain() {
    var refused = new Throttled("ValidationException", 1_000);
    var sessions = new DynamoDbSessions(client(refused), Stores.TABLES, Stores.CIPHER);
    assertThatThrownBy(() -> sessions.claim(Samples.session().key(), NOW)).isInstanceOf(DynamoDbException.class);
    assertThat(refused.tries()).isEqualTo(1);
  }

  @Test
  void theDeployedClientPausesBetweenTriesAndGivesUpWithinTheTimeOfACall() {
    // The pauses are random up to these values. All of them at their longest leave time for the tries.
    var longest = List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
    assertThat(longest.stream().reduce(Duration.ZERO, Duration::plus)).isLessThan(AwsClients.MAX_CALL_TIME);
    boolean pausedAtAll = false;
    for (int call = 0; call < 20; call++) {
      var pauses = pausesWhenThrottledForGood();
      assertThat(pauses).hasSameSizeAs(longest);
      for (int i = 0; i < pauses.size(); i++)
        assertThat(pauses.get(i)).isLessThanOrEqualTo(longest.get(i));
      pausedAtAll |= pauses.stream().anyMatch(Duration::isPositive);
    }
    assertThat(pausedAtAll).isTrue();
  }

  /** The pauses of the client before each further try. */
  private static List<Duration> pausesWhenThrottledForGood() {
    var retries = TestClients.retries();
    var pauses = new ArrayList<Duration>();
    var token = retries.acquireInitialToken(AcquireInitialTokenRequest.create("scope")).token();
    try {
      while (true) {
        var next = retries.refreshRetryToken(RefreshRetryTokenRequest.builder().token(token)
            .failure(Throttled.refusal("ThrottlingException")).build());
        pauses.add(next.delay());
        token = next.token();
      }
    } catch (TokenAcquisitionFailedException e) {
      return pauses;
    }
  }
}
