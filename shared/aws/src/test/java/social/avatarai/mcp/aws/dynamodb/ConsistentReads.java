package social.avatarai.mcp.aws.dynamodb;

import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;

/** Refuses every read that may return an old state. An emulator would never show the difference. */
final class ConsistentReads implements ExecutionInterceptor {

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    if (!isConsistent(context.request())) throw new AssertionError("eventually consistent: " + context.request());
  }

  private static boolean isConsistent(SdkRequest request) {
    return switch (request) {
      case GetItemRequest get -> Boolean.TRUE.equals(get.consistentRead());
      case QueryRequest query -> Boolean.TRUE.equals(query.consistentRead());
      case ScanRequest scan -> Boolean.TRUE.equals(scan.consistentRead());
      case BatchGetItemRequest batch ->
        batch.requestItems().values().stream().allMatch(keys -> Boolean.TRUE.equals(keys.consistentRead()));
      default -> true;
    };
  }
}
