package social.avatarai.mcp.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.streams.DynamoDbStreamsClient;
import software.amazon.dynamodb.services.local.embedded.DynamoDBEmbedded;
import software.amazon.dynamodb.services.local.shared.access.AmazonDynamoDBLocal;

/**
 * DynamoDB Local within this JVM, without telemetry. It starts no server, because DynamoDB Local's server listens on
 * every interface.
 *
 * <p>DynamoDB Local accepts some requests that AWS refuses (limits, permissions, conflicts), so a passing test is no
 * proof for AWS.
 */
public final class EmbeddedDynamoDb implements AutoCloseable {
  private static final String FILE = "dynamodb.db";

  private static @Nullable EmbeddedDynamoDb inMemory;

  private final AmazonDynamoDBLocal database;

  private EmbeddedDynamoDb(@Nullable File file) {
    // The value true disables telemetry.
    database = DynamoDBEmbedded.create(file, true);
  }

  /** The shared database in the memory of this JVM. It takes two seconds to start and ends with the JVM. */
  public static synchronized EmbeddedDynamoDb inMemory() {
    if (inMemory == null) inMemory = new EmbeddedDynamoDb(null);
    return inMemory;
  }

  /** A database that keeps its data in a folder, which is created if absent. Only one process at a time may open it. */
  public static EmbeddedDynamoDb in(Path folder) {
    try {
      return new EmbeddedDynamoDb(Files.createDirectories(folder).resolve(FILE).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("no folder " + folder, e);
    }
  }

  /** A client that calls the database directly. This is the fastest way, without retries and interceptors. */
  public DynamoDbClient client() {
    return database.dynamoDbClient();
  }

  /** A client for the streams of the tables, which calls the database directly. */
  public DynamoDbStreamsClient streams() {
    return database.dynamoDbStreamsClient();
  }

  /** A client of the SDK with all its features, including retries, but without a network. */
  public DynamoDbClient clientWith(ExecutionInterceptor... interceptors) {
    return clientWith(ClientOverrideConfiguration.builder(), interceptors);
  }

  /** A client of the SDK with the caller's settings, such as the number of attempts. */
  public DynamoDbClient clientWith(ClientOverrideConfiguration.Builder settings, ExecutionInterceptor... interceptors) {
    var transport = new InProcessTransport(client());
    for (ExecutionInterceptor interceptor : interceptors)
      settings.addExecutionInterceptor(interceptor);
    // This interceptor is last, so that the others see requests before it and responses after it.
    settings.addExecutionInterceptor(transport);
    var localCredentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));
    return DynamoDbClient.builder().region(Region.US_EAST_1).credentialsProvider(localCredentials)
        .httpClient(transport.httpClient()).overrideConfiguration(settings.build()).build();
  }

  @Override
  public void close() {
    database.shutdown();
  }
}
