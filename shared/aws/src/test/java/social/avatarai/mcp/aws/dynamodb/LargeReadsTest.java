package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.AccessToken;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.RefreshToken;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.testkit.CountingInterceptor;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantKey;
import social.avatarai.mcp.token.GrantState;
import social.avatarai.mcp.token.Tokens;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** What DynamoDB does not answer at once is asked for again. */
class LargeReadsTest {
  private final DynamoDbGrants grants = new DynamoDbGrants(Stores.client(), Stores.TABLES, Stores.CIPHER);

  @Test
  void aQueryReadsPageAfterPage() {
    var user = Samples.user();
    // 30 grants of 40 KB: more than the megabyte of a page.
    for (int i = 0; i < 30; i++)
      grants.store(large(new GrantKey(user, new ConnectionId("server-" + (10 + i))), i));
    var calls = new CountingInterceptor();
    var counted = new DynamoDbGrants(Stores.clientWith(calls), Stores.TABLES, Stores.CIPHER);
    assertThat(counted.findByRefreshToken(user, new RefreshToken("refresh-29"))).isPresent();
    assertThat(calls.counts()).isEqualTo(Map.of("Query", 2));
  }

  private static Grant large(GrantKey key, int number) {
    var tokens = new Tokens(new AccessToken("x".repeat(40_000)), new RefreshToken("refresh-" + number), Scopes.none(),
        NOW, null);
    return Samples.plainGrant(key).renewed(tokens, GrantState.healthy(NOW, 0));
  }

  @Test
  void aBatchAsksAgainForWhatIsLeftUnread() {
    var user = Samples.user();
    var stored = IntStream.range(0, 9)
        .mapToObj(i -> Samples.grant(new GrantKey(user, new ConnectionId("server-" + i)))).toList();
    stored.forEach(grants::store);
    var calls = new CountingInterceptor();
    var throttled = new DynamoDbGrants(Stores.clientWith(new OneKeyABatch(5), calls), Stores.TABLES, Stores.CIPHER);
    var connections = stored.stream().map(grant -> grant.key().connection()).toList();
    assertThat(throttled.readAny(user, connections)).containsExactlyInAnyOrderElementsOf(stored);
    assertThat(calls.counts()).isEqualTo(Map.of("BatchGetItem", 6));
  }

  @Test
  void aBatchThatIsNeverReadFailsInTheEnd() {
    var key = Samples.key();
    var throttled = new DynamoDbGrants(Stores.clientWith(new OneKeyABatch(1_000)), Stores.TABLES, Stores.CIPHER);
    var connections = IntStream.range(0, 9).mapToObj(i -> new ConnectionId("server-" + i)).toList();
    assertThatThrownBy(() -> throttled.readAny(key.user(), connections)).isInstanceOf(IllegalStateException.class);
  }

  /** Lets the first batches through with one key each and says that the others were left, as under throttling. */
  private static final class OneKeyABatch implements ExecutionInterceptor {
    private int times;
    private List<Map<String, AttributeValue>> left = List.of();

    OneKeyABatch(int times) {
      this.times = times;
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
      left = List.of();
      if (!(context.request() instanceof BatchGetItemRequest batch) || times-- <= 0) return context.request();
      var keys = keys(batch);
      left = keys.subList(1, keys.size());
      return batch.toBuilder().requestItems(
          Map.of(Stores.TABLES.tokens(),
              KeysAndAttributes.builder().keys(List.of(keys.getFirst())).consistentRead(true).build()))
          .build();
    }

    @Override
    public SdkResponse modifyResponse(Context.ModifyResponse context, ExecutionAttributes attributes) {
      if (left.isEmpty() || !(context.response() instanceof BatchGetItemResponse answer)) return context.response();
      return answer.toBuilder()
          .unprocessedKeys(Map.of(Stores.TABLES.tokens(), KeysAndAttributes.builder().keys(left).build())).build();
    }

    private static List<Map<String, AttributeValue>> keys(
        BatchGetItemRequest batch) {
      return Objects.requireNonNull(batch.requestItems().get(Stores.TABLES.tokens())).keys();
    }
  }
}
