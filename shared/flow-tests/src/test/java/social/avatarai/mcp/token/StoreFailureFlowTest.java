package social.avatarai.mcp.token;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;

import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;

/** The store fails after a token response, before the tokens are stored. No token that was issued only once is lost. */
class StoreFailureFlowTest {
  private final Faults faults = new Faults();
  private final FlowWorld world = FlowWorld.start();
  private final ServerWorld server = new ServerWorld(world);

  StoreFailureFlowTest() {
    world.platform.with(EmbeddedDynamoDb.inMemory().clientWith(faults));
  }

  /** Makes some calls of one kind fail, either before they are sent or after they were carried out. */
  private static final class Faults implements ExecutionInterceptor {
    private Predicate<SdkRequest> concerned = _ -> false;
    private boolean carriedOut;
    private int left;

    void fail(int times, boolean afterItWasCarriedOut, Predicate<SdkRequest> calls) {
      concerned = calls;
      carriedOut = afterItWasCarriedOut;
      left = times;
    }

    @Override
    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
      if (!carriedOut) fail(context.request());
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
      if (carriedOut) fail(context.request());
    }

    private void fail(SdkRequest request) {
      if (left == 0 || !concerned.test(request)) return;
      left--;
      throw new IllegalStateException("invented fault");
    }
  }

  @AfterEach
  void close() {
    try (world) {
      assertThat(faults.left).isZero();
    }
  }

  private static boolean isStore(SdkRequest request) {
    return request instanceof PutItemRequest put && put.item().containsKey("accessToken");
  }

  private static boolean isCommit(SdkRequest request) {
    return request instanceof UpdateItemRequest update
        && update.expressionAttributeNames().containsValue("refreshMac");
  }

  private boolean isRecord(SdkRequest request) {
    return request instanceof GetItemRequest get && get.tableName().equals(world.platform.tables().servers());
  }

  private void assertStored(Grant grant) {
    assertThat(world.grants().read(grant.key())).contains(grant);
    assertThat(world.authorizationServer.liveRefreshTokens()).containsExactly(refreshTokenOf(grant).reveal());
    assertThat(world.authorizationServer.revocations()).isEmpty();
    assertThat(world.replacedTokens().connections(USER.user())).isEmpty();
  }

  /** The bug: the store failed once, and the only copy of the tokens was lost. */
  @Test
  void consentIsStoredThoughTheStoreFails() {
    faults.fail(3, false, StoreFailureFlowTest::isStore);
    assertStored(world.connect());
    assertThat(world.log()).contains("\"event\":\"store_call_failed\"");
  }

  @Test
  void consentWhoseStoringHadNoResponseIsStoredOnce() {
    faults.fail(1, true, StoreFailureFlowTest::isStore);
    assertStored(world.connect());
  }

  @Test
  void consentIsStoredThoughTheRecordCannotBeReadNow() {
    server.put();
    var begun = server.begin();
    faults.fail(2, false, this::isRecord);
    assertStored(server.consented(begun));
  }

  private Grant refreshed() {
    return GrantWorld.renewed(world.flow().refresh(USER, new What.Stored(world.connection()), deadline()));
  }

  /**
   * The bug: the second try took the first one for another attempt, and dropped the refresh token that the first had
   * written.
   */
  @Test
  void commitThatHadNoResponseIsRecognisedByTheNextTry() {
    world.connect();
    faults.fail(2, true, StoreFailureFlowTest::isCommit);
    assertStored(refreshed());
    assertThat(world.log()).doesNotContain("refresh_fenced_off");
  }

  @Test
  void commitIsWrittenThoughTheStoreFails() {
    world.connect();
    faults.fail(3, false, StoreFailureFlowTest::isCommit);
    assertStored(refreshed());
  }
}
