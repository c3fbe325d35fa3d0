package social.avatarai.mcp.lambda.replay;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import org.jspecify.annotations.Nullable;

/** An invocation with as much time as a real one. */
public final class TestContext implements Context {
  @Override
  public String getAwsRequestId() { return "test-request"; }

  @Override
  public String getLogGroupName() { return "test"; }

  @Override
  public String getLogStreamName() { return "test"; }

  @Override
  public String getFunctionName() { return "test"; }

  @Override
  public String getFunctionVersion() { return "test"; }

  @Override
  public String getInvokedFunctionArn() { return "test"; }

  @Override
  public @Nullable CognitoIdentity getIdentity() { return null; }

  @Override
  public @Nullable ClientContext getClientContext() { return null; }

  @Override
  public int getRemainingTimeInMillis() { return 28_000; }

  @Override
  public int getMemoryLimitInMB() { return 1024; }

  @Override
  public LambdaLogger getLogger() {
    throw new IllegalStateException("the functions have a log of their own");
  }
}
