package social.avatarai.mcp.aws;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;

/**
 * Creates the SDK's clients, with its smallest HTTP client, which has the shortest cold start. Whatever happens to a
 * call, it ends with the invocation that made it.
 *
 * <p>The SDK itself reads the region, the credentials and {@code AWS_ENDPOINT_URL}.
 */
public final class AwsClients {

  /** The longest time of one try of a call. */
  public static final Duration MAX_ATTEMPT_TIME = Duration.ofSeconds(3);
  /** The longest time of a call with all its tries. An invocation has 25 s, and other work to do. */
  public static final Duration MAX_CALL_TIME = Duration.ofSeconds(10);

  static final int MAX_ATTEMPTS = 4;
  private static final Duration MAX_CONNECT_TIME = Duration.ofSeconds(1);

  private AwsClients() {}

  /** A client of DynamoDB. Tests add interceptors. */
  public static DynamoDbClient dynamoDb(ExecutionInterceptor... interceptors) {
    return ofEnvironment(DynamoDbClient.builder()).httpClientBuilder(http())
        .overrideConfiguration(settings(interceptors)).build();
  }

  /**
   * A client of DynamoDB without a network, which gets this response to every request. What it loads, the first call of
   * a real client finds loaded.
   */
  public static DynamoDbClient cannedDynamoDb(String response) {
    return ofEnvironment(DynamoDbClient.builder()).httpClient(new CannedHttp(response))
        .overrideConfiguration(settings()).build();
  }

  /** The same for Secrets Manager. */
  public static SecretsManagerClient cannedSecretsManager(String response) {
    return ofEnvironment(SecretsManagerClient.builder()).httpClient(new CannedHttp(response))
        .overrideConfiguration(settings()).build();
  }

  /** A client of the streams of tables, for the local runner: on AWS, Lambda reads them. */
  public static DynamoDbStreamsClient streams() {
    return DynamoDbStreamsClient.builder().httpClientBuilder(http()).overrideConfiguration(settings()).build();
  }

  /** A client of Secrets Manager. Tests add interceptors. */
  public static SecretsManagerClient secretsManager(ExecutionInterceptor... interceptors) {
    return secretsManagerBuilder(interceptors).build();
  }

  static SecretsManagerClientBuilder secretsManagerBuilder(ExecutionInterceptor... interceptors) {
    return ofEnvironment(SecretsManagerClient.builder()).httpClientBuilder(http())
        .overrideConfiguration(settings(interceptors));
  }

  /**
   * Where the environment names region and credentials, as on Lambda, the SDK need not look for them: its search through
   * all other sources is a part of each cold start.
   */
  private static <B extends AwsClientBuilder<B, ?>> B ofEnvironment(B builder) {
    var environment = System.getenv();
    if (!isDecidedBy(environment, System.getProperties().stringPropertyNames())) return builder;
    return builder.region(Region.of(environment.getOrDefault("AWS_REGION", "").strip()))
        .credentialsProvider(EnvironmentVariableCredentialsProvider.create());
  }

  /** Whether the environment names region and credentials, and no system property overrules it, as one does in the SDK. */
  static boolean isDecidedBy(Map<String, String> environment, Set<String> properties) {
    return Stream.of("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        .noneMatch(name -> environment.getOrDefault(name, "").isBlank())
        && Stream.of("aws.region", "aws.accessKeyId").noneMatch(properties::contains);
  }

  static UrlConnectionHttpClient.Builder http() {
    return UrlConnectionHttpClient.builder().connectionTimeout(MAX_CONNECT_TIME).socketTimeout(MAX_ATTEMPT_TIME);
  }

  static StandardRetryStrategy retries() {
    return AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(MAX_ATTEMPTS).build();
  }

  static ClientOverrideConfiguration settings(ExecutionInterceptor... interceptors) {
    var settings = ClientOverrideConfiguration.builder().apiCallAttemptTimeout(MAX_ATTEMPT_TIME)
        .apiCallTimeout(MAX_CALL_TIME)
        .retryStrategy(retries());
    settings.addExecutionInterceptor(new WithinInvocation());
    for (ExecutionInterceptor interceptor : interceptors)
      settings.addExecutionInterceptor(interceptor);
    return settings.build();
  }
}
