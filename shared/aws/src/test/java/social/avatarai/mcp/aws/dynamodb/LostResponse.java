package social.avatarai.mcp.aws.dynamodb;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/**
 * Loses the response to one call that DynamoDB has carried out, as a broken connection does. The SDK then sends the
 * call again.
 */
final class LostResponse implements ExecutionInterceptor {
  private final String operation;
  private final int which;
  private final AtomicInteger seen = new AtomicInteger();
  private volatile Runnable meanwhile = () -> {};

  private LostResponse(String operation, int which) {
    this.operation = operation;
    this.which = which;
  }

  /** Loses the response to the first call of this operation. */
  static LostResponse ofFirst(String operation) {
    return new LostResponse(operation, 0);
  }

  /** Loses the response to the second call of this operation. */
  static LostResponse ofSecond(String operation) {
    return new LostResponse(operation, 1);
  }

  /** Sets what happens between the lost response and the next try. */
  LostResponse meanwhile(Runnable deed) {
    meanwhile = deed;
    return this;
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    boolean ours = attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME).equals(operation);
    if (!ours || seen.getAndIncrement() != which) return;
    meanwhile.run();
    throw SdkClientException.create("the response got lost", new IOException());
  }

  /** How many times the call was sent. */
  int tries() {
    return seen.get();
  }
}
