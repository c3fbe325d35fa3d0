package social.avatarai.mcp.aws;

import cloud.localstack.awssdkv2.TestUtils;
import cloud.localstack.docker.DockerExe;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * Where the store contracts run. The environment decides: {@code EMULATOR=localstack} stands for LocalStack. Without it,
 * {@code AWS_ENDPOINT_URL} names an emulator, and without both the stores are embedded.
 *
 * <p>LocalStack runs in its container where Docker can be reached, and else as the process at {@code AWS_ENDPOINT_URL}.
 */
public sealed interface StoreHost {
  /** The host of the tests of this JVM. */
  StoreHost CURRENT = of(System.getenv(), StoreHost::isDockerReachable);

  int MAX_MINUTES_OF_DOCKER = 1;

  /** A client of the host's DynamoDB, with the time limits and retries of the service. */
  DynamoDbClient dynamoDb(ExecutionInterceptor... interceptors);

  /** A client of the host's Secrets Manager. */
  SecretsManagerClient secretsManager();

  /** Whether the stores are outside of this JVM. Only there is a Secrets Manager. */
  static boolean isElsewhere() {
    return !(CURRENT instanceof Embedded);
  }

  static StoreHost of(Map<String, String> environment, BooleanSupplier isDockerReachable) {
    String endpoint = environment.getOrDefault("AWS_ENDPOINT_URL", "");
    if (!environment.getOrDefault("EMULATOR", "").equals("localstack"))
      return endpoint.isEmpty() ? new Embedded() : new Endpoint();
    if (isDockerReachable.getAsBoolean()) return new LocalStackContainer();
    if (!endpoint.isEmpty()) return new LocalStackProcess(endpoint);
    throw new IllegalStateException(
        "LocalStack runs nowhere: Docker cannot be reached, and AWS_ENDPOINT_URL names no process.");
  }

  /** Asks the program that localstack-utils would start a container with. The statuses are those of its failures. */
  private static boolean isDockerReachable() {
    try {
      new DockerExe().execute(List.of("info"), MAX_MINUTES_OF_DOCKER, List.of(1, 125, 126, 127));
      return true;
    } catch (RuntimeException e) {
      return false; // There is no such program, or it finds no daemon.
    }
  }

  /** DynamoDB in this JVM. */
  record Embedded() implements StoreHost {

    @Override
    public DynamoDbClient dynamoDb(ExecutionInterceptor... interceptors) {
      return EmbeddedDynamoDb.inMemory().clientWith(interceptors);
    }

    @Override
    public SecretsManagerClient secretsManager() {
      throw new IllegalStateException("there is no embedded Secrets Manager");
    }
  }

  /** What {@code AWS_ENDPOINT_URL} names. The clients are those of the service, which read that variable themselves. */
  record Endpoint() implements StoreHost {

    @Override
    public DynamoDbClient dynamoDb(ExecutionInterceptor... interceptors) {
      return AwsClients.dynamoDb(interceptors);
    }

    @Override
    public SecretsManagerClient secretsManager() {
      return AwsClients.secretsManager();
    }
  }

  /**
   * LocalStack. Its clients are made by localstack-utils: HTTP client, region and credentials are its own. It also switches
   * the check of certificates off for the whole JVM, so nothing else in these tests may load its classes.
   */
  sealed interface LocalStack extends StoreHost {
    String endpoint();

    @Override
    default DynamoDbClient dynamoDb(ExecutionInterceptor... interceptors) {
      var builder = DynamoDbClient.builder().overrideConfiguration(AwsClients.settings(interceptors));
      return TestUtils.wrapApiSyncClientV2(builder, endpoint()).build();
    }

    @Override
    default SecretsManagerClient secretsManager() {
      var builder = SecretsManagerClient.builder().overrideConfiguration(AwsClients.settings());
      return TestUtils.wrapApiSyncClientV2(builder, endpoint()).build();
    }
  }

  /** LocalStack as {@code local/localstack} starts it. */
  record LocalStackProcess(String endpoint) implements LocalStack {}

  /** LocalStack in Docker. The container starts with the first client, and ends with this JVM. */
  record LocalStackContainer() implements LocalStack {

    @Override
    public String endpoint() {
      return StartedContainer.endpoint();
    }
  }
}
