package social.avatarai.mcp.benchmarks.coldstart;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Received;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;

/** DynamoDB Local and a Secrets Manager that only reads, both over HTTP on loopback. The same stores serve all contestants. */
final class LoopbackAws implements AutoCloseable {
  private final Map<String, String> secrets = new ConcurrentHashMap<>();
  private final Server dynamoDb = new Server(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  private final LoopbackHttp secretsManager = LoopbackHttp.start(this::secret);
  private final DynamoDbClient client;
  private volatile long lastResponse;
  private volatile int calls;

  LoopbackAws() throws Exception {
    // In memory, without a file. Accounts and regions are kept apart, and a new table is active at once.
    var database = new LocalDynamoDBRequestHandler(0, true, null, false, false);
    dynamoDb.setHandler(new Noting(new LocalDynamoDBServerHandler(database, null)));
    dynamoDb.start();
    var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test"));
    client = DynamoDbClient.builder().region(Region.US_EAST_1).credentialsProvider(credentials)
        .endpointOverride(URI.create(dynamoDbUrl())).httpClientBuilder(UrlConnectionHttpClient.builder()).build();
  }

  /** Notes when requests end. */
  private final class Noting extends Handler.Wrapper {
    Noting(Handler handler) {
      super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      return super.handle(request, response, Callback.from(callback, LoopbackAws.this::note));
    }
  }

  private synchronized void note() {
    lastResponse = System.nanoTime();
    calls++;
  }

  DynamoDbClient client() {
    return client;
  }

  void putSecret(String name, String value) {
    secrets.put(name, value);
  }

  /** When the stores last responded, in the time of {@link System#nanoTime()}. */
  long lastResponse() {
    return lastResponse;
  }

  /** How many requests the stores have had. */
  int calls() {
    return calls;
  }

  /** The environment with which the SDKs of AWS find these stores. */
  Map<String, String> environment() {
    return Map.of("AWS_REGION", "us-east-1", "AWS_ACCESS_KEY_ID", "test", "AWS_SECRET_ACCESS_KEY", "test",
        "AWS_ENDPOINT_URL_DYNAMODB", dynamoDbUrl(), "AWS_ENDPOINT_URL_SECRETS_MANAGER", secretsManager.url());
  }

  private String dynamoDbUrl() {
    return "http://127.0.0.1:" + ((ServerConnector) dynamoDb.getConnectors()[0]).getLocalPort();
  }

  private social.avatarai.mcp.testkit.Response secret(Received request) {
    String name = request.json().path("SecretId").asText();
    String value = secrets.get(name);
    note();
    if (value == null) {
      return social.avatarai.mcp.testkit.Response.json(400,
          Json.newObject().put("__type", "ResourceNotFoundException"));
    }
    return social.avatarai.mcp.testkit.Response.json(200, Json.newObject().put("Name", name)
        .put("ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:" + name)
        .put("SecretString", value).put("VersionId", "00000000-0000-0000-0000-000000000001"));
  }

  @Override
  public void close() {
    secretsManager.close();
    try {
      dynamoDb.stop();
    } catch (Exception e) {
      throw new IllegalStateException("DynamoDB Local does not stop", e);
    }
  }
}
