package social.avatarai.mcp.aws;

import java.time.Duration;
import social.avatarai.mcp.Deadline;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Ends a call of the SDK, with its retries and pauses, a moment after the deadline of the invocation. Without this the
 * SDK would continue for as long as it is configured to, past the end of the function.
 */
final class WithinInvocation implements ExecutionInterceptor {
  /** A write that must not be lost may begin at the deadline. The function itself lives longer than this. */
  static final Duration BEYOND_DEADLINE = Duration.ofSeconds(2);
  /** Time for one response. A call that begins after the deadline still gets this much, and is not retried. */
  private static final Duration MIN_RESPONSE_TIME = Duration.ofMillis(200);

  @Override
  public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
    return Deadline.leftOfInvocation().map(left -> left.plus(BEYOND_DEADLINE))
        .map(left -> left.compareTo(MIN_RESPONSE_TIME) < 0 ? MIN_RESPONSE_TIME : left)
        .filter(left -> left.compareTo(AwsClients.MAX_CALL_TIME) < 0 && context.request() instanceof AwsRequest)
        .<SdkRequest>map(left -> within(left, (AwsRequest) context.request())).orElse(context.request());
  }

  private static SdkRequest within(Duration left, AwsRequest request) {
    var config = request.overrideConfiguration().map(AwsRequestOverrideConfiguration::toBuilder)
        .orElseGet(AwsRequestOverrideConfiguration::builder);
    return request.toBuilder().overrideConfiguration(config.apiCallTimeout(left).build()).build();
  }
}
