package social.avatarai.mcp.local;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Unguessable;

/** What a handler sees of its invocation in a local run: its id and its remaining time. */
final class LocalContext implements Context {
  private static final int TIMEOUT_MILLIS = 28_000;
  private static final int SCHEDULE_TIMEOUT_MILLIS = 58_000;

  private final String requestId = Unguessable.text().substring(0, 16);
  private final int millis;

  LocalContext() {
    this(TIMEOUT_MILLIS);
  }

  private LocalContext(int millis) {
    this.millis = millis;
  }

  /** A run of the schedule, which has a longer time than other functions. */
  static LocalContext ofSchedule() {
    return new LocalContext(SCHEDULE_TIMEOUT_MILLIS);
  }

  @Override
  public String getAwsRequestId() { return requestId; }

  @Override
  public String getLogGroupName() { return "local"; }

  @Override
  public String getLogStreamName() { return "local"; }

  @Override
  public String getFunctionName() { return "local"; }

  @Override
  public String getFunctionVersion() { return "local"; }

  @Override
  public String getInvokedFunctionArn() { return "local"; }

  @Override
  public @Nullable CognitoIdentity getIdentity() { return null; }

  @Override
  public @Nullable ClientContext getClientContext() { return null; }

  @Override
  public int getRemainingTimeInMillis() { return millis; }

  @Override
  public int getMemoryLimitInMB() { return 1024; }

  @Override
  public LambdaLogger getLogger() {
    throw new IllegalStateException("the functions have a log of their own");
  }
}
