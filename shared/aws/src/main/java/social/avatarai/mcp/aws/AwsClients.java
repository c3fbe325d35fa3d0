package social.avatarai.mcp.aws;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpClient;
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
  static final Duration MAX_CONNECT_TIME = Duration.ofSeconds(1);

  private AwsClients() {}

  /** A client of DynamoDB. Tests add interceptors. */
  public static DynamoDbClient dynamoDb(ExecutionInterceptor... interceptors) {
    return ofEnvironment(DynamoDbClient.builder()).httpClient(http())
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

  /**
   * A client of DynamoDB at another endpoint, with credentials that are none: for a rehearsal.
   */
  public static DynamoDbClient dynamoDbAt(URI endpoint, ExecutionInterceptor... interceptors) {
    return at(endpoint, DynamoDbClient.builder()).httpClient(http()).overrideConfiguration(settings(interceptors))
        .build();
  }

  /** The same for Secrets Manager. */
  public static SecretsManagerClient secretsManagerAt(URI endpoint) {
    return at(endpoint, SecretsManagerClient.builder()).httpClient(http()).overrideConfiguration(settings()).build();
  }

  private static <B extends AwsClientBuilder<B, ?>> B at(URI endpoint, B builder) {
    // An endpoint of one's own and the endpoints of these settings, which a deployment may have, exclude each other.
    return builder.endpointOverride(endpoint).fipsEnabled(false).dualstackEnabled(false).region(Region.US_EAST_1)
        .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("none", "none")));
  }

  /** A client of the streams of tables, for the local runner: on AWS, Lambda reads them. */
  public static DynamoDbStreamsClient streams() {
    return DynamoDbStreamsClient.builder().httpClient(http()).overrideConfiguration(settings()).build();
  }

  /** A client of Secrets Manager. Tests add interceptors. */
  public static SecretsManagerClient secretsManager(ExecutionInterceptor... interceptors) {
    return secretsManagerBuilder(interceptors).build();
  }

  static SecretsManagerClientBuilder secretsManagerBuilder(ExecutionInterceptor... interceptors) {
    return ofEnvironment(SecretsManagerClient.builder()).httpClient(http())
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

  /** The SDK's HTTP client. Its own builder would make TLS at once, and a cold start would wait for that. */
  static SdkHttpClient http() {
    return UrlConnectionHttpClient.create(AwsConnections::to);
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
