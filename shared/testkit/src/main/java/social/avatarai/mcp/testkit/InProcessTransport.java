package social.avatarai.mcp.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Carries the calls of an SDK client to a database in this JVM. Each attempt calls the database at the point of
 * transmission. The SDK then reads an empty response, or an error with the same name. At the end, the real result or
 * error replaces it.
 */
final class InProcessTransport implements ExecutionInterceptor {
  /** The outcome of the current attempt. A synchronous client stays on its caller's thread, with one call at a time. */
  private static final ThreadLocal<Outcome> LAST = new ThreadLocal<>();

  private final DynamoDbClient database;

  private record Outcome(@Nullable SdkResponse response, @Nullable AwsServiceException failure) {}

  InProcessTransport(DynamoDbClient database) {
    this.database = database;
  }

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    // A call that never reaches the database must not end with the outcome of the previous call.
    LAST.remove();
  }

  @Override
  public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
    LAST.set(call(context.request()));
  }

  @Override
  public SdkResponse modifyResponse(Context.ModifyResponse context, ExecutionAttributes attributes) {
    SdkResponse response = LAST.get().response;
    return response == null ? context.response() : response;
  }

  @Override
  public Throwable modifyException(Context.FailedExecution context, ExecutionAttributes attributes) {
    Outcome outcome = LAST.get();
    boolean isServiceError = outcome != null && context.exception() instanceof AwsServiceException;
    return isServiceError && outcome.failure != null ? outcome.failure : context.exception();
  }

  private Outcome call(SdkRequest request) {
    String type = request.getClass().getSimpleName();
    String operation = type.substring(0, 1).toLowerCase(Locale.ROOT)
        + type.substring(1, type.length() - "Request".length());
    try {
      Object response = DynamoDbClient.class.getMethod(operation, request.getClass()).invoke(database, request);
      return new Outcome((SdkResponse) response, null);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof AwsServiceException failure) return new Outcome(null, failure);
      throw new IllegalStateException("the embedded database failed", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the client has no operation " + operation, e);
    }
  }

  SdkHttpClient httpClient() {
    return new SdkHttpClient() {
      @Override
      public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new ExecutableHttpRequest() {
          @Override
          public HttpExecuteResponse call() {
            return response(LAST.get().failure);
          }

          @Override
          public void abort() {}
        };
      }

      @Override
      public void close() {}
    };
  }

  private static HttpExecuteResponse response(@Nullable AwsServiceException failure) {
    String body = failure == null ? "{}" : "{\"__type\":\"" + failure.getClass().getSimpleName() + "\"}";
    var head = SdkHttpResponse.builder().statusCode(failure == null ? 200 : 400)
        .putHeader("Content-Type", "application/x-amz-json-1.0").build();
    return HttpExecuteResponse.builder().response(head)
        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body.getBytes(UTF_8)))).build();
  }
}
