package social.avatarai.mcp.aws.dynamodb;

import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;

/** Refuses the first tries, as DynamoDB does when there are too many. None of these tries is carried out. */
final class Throttled implements ExecutionInterceptor {
  private final String error;
  private final int times;
  private final AtomicInteger tries = new AtomicInteger();

  /** @param error DynamoDB's name of the error, such as {@code ThrottlingException} */
  Throttled(String error, int times) {
    this.error = error;
    this.times = times;
  }

  @Override
  public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
    if (tries.getAndIncrement() < times) throw refusal(error);
  }

  static DynamoDbException refusal(String error) {
    var details = AwsErrorDetails.builder().errorCode(error).errorMessage("injected").build();
    return (DynamoDbException) DynamoDbException.builder().statusCode(400).awsErrorDetails(details).build();
  }

  /** How many tries there were. */
  int tries() {
    return tries.get();
  }
}
