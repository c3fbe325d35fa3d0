package social.avatarai.mcp.aws.dynamodb;

import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;

/** Returns one key for each of the first batches and reports the other keys as unprocessed, as throttling does. */
final class OneKeyABatch implements ExecutionInterceptor {
  private int times;
  private Map<String, KeysAndAttributes> left = Map.of();

  OneKeyABatch(int times) {
    this.times = times;
  }

  @Override
  public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
    left = Map.of();
    if (!(context.request() instanceof BatchGetItemRequest batch) || times-- <= 0) return context.request();
    var wanted = batch.requestItems().entrySet().iterator().next();
    var keys = wanted.getValue().keys();
    if (keys.size() > 1) left = keys(wanted.getKey(), keys.subList(1, keys.size()));
    return batch.toBuilder().requestItems(keys(wanted.getKey(), List.of(keys.getFirst()))).build();
  }

  private static Map<String, KeysAndAttributes> keys(String table, List<Map<String, AttributeValue>> keys) {
    return Map.of(table, KeysAndAttributes.builder().keys(keys).consistentRead(true).build());
  }

  @Override
  public SdkResponse modifyResponse(Context.ModifyResponse context, ExecutionAttributes attributes) {
    if (left.isEmpty() || !(context.response() instanceof BatchGetItemResponse response)) return context.response();
    return response.toBuilder().unprocessedKeys(left).build();
  }
}
