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
import software.amazon.dynamodb.services.local.embedded.DynamoDBEmbedded;
import software.amazon.dynamodb.services.local.shared.access.AmazonDynamoDBLocal;

/**
 * DynamoDB Local within this JVM: no server, because its own listens on every interface, and no telemetry.
 *
 * <p>It accepts what AWS refuses here and there (limits, permissions, conflicts): green on it is no proof.
 */
public final class EmbeddedDynamoDb implements AutoCloseable {
  private static final String FILE = "dynamodb.db";

  private static @Nullable EmbeddedDynamoDb inMemory;

  private final AmazonDynamoDBLocal database;

  private EmbeddedDynamoDb(@Nullable File file) {
    // The flag says that telemetry is disabled.
    database = DynamoDBEmbedded.create(file, true);
  }

  /** The one in the memory of this JVM: it takes two seconds to start, and goes with the JVM. */
  public static synchronized EmbeddedDynamoDb inMemory() {
    if (inMemory == null) inMemory = new EmbeddedDynamoDb(null);
    return inMemory;
  }

  /** One that keeps its data in a folder, which is made if need be. One process at a time may have it open. */
  public static EmbeddedDynamoDb in(Path folder) {
    try {
      return new EmbeddedDynamoDb(Files.createDirectories(folder).resolve(FILE).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("no folder " + folder, e);
    }
  }

  /** A client that calls the database directly: the fastest way, without retries and interceptors. */
  public DynamoDbClient client() {
    return database.dynamoDbClient();
  }

  /** A client of the SDK with everything it does around a call, retries included, but no network. */
  public DynamoDbClient clientWith(ExecutionInterceptor... interceptors) {
    return clientWith(ClientOverrideConfiguration.builder(), interceptors);
  }

  /** The same with settings of the caller's, such as how often a call is tried. */
  public DynamoDbClient clientWith(ClientOverrideConfiguration.Builder settings, ExecutionInterceptor... interceptors) {
    var transport = new InProcessTransport(client());
    for (ExecutionInterceptor interceptor : interceptors)
      settings.addExecutionInterceptor(interceptor);
    // Last, so that the others see requests before it and answers after it.
    settings.addExecutionInterceptor(transport);
    var nobody = StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local"));
    return DynamoDbClient.builder().region(Region.US_EAST_1).credentialsProvider(nobody)
        .httpClient(transport.httpClient()).overrideConfiguration(settings.build()).build();
  }

  @Override
  public void close() {
    database.shutdown();
  }
}
