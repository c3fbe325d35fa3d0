package social.avatarai.mcp.aws.secretsmanager;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The part of Secrets Manager that we call, over loopback HTTP: values, request tokens, deletion marks and scripted
 * failures. Its responses are those that AWS documents for GetSecretValue, CreateSecret, PutSecretValue and
 * DeleteSecret.
 */
final class FakeSecretsManager implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final Map<String, String> values = new HashMap<>();
  private final Set<String> requestTokens = new HashSet<>();
  private final Set<String> markedForDeletion = new HashSet<>();
  private final Set<String> deleted = new HashSet<>();
  private final Deque<String> failures = new ArrayDeque<>();
  private @Nullable String kmsKeyId;
  private boolean losesResponse;
  private int lateReads;
  private int takenNames;

  FakeSecretsManager() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  synchronized void markForDeletion(String name) {
    markedForDeletion.add(name);
  }

  synchronized boolean isMarkedForDeletion(String name) {
    return markedForDeletion.contains(name);
  }

  /** Makes so many reads miss the next secret that is created, as a replica that is behind does. */
  synchronized void beLateFor(int reads) {
    lateReads = reads;
  }

  /** Keeps the names of deleted secrets taken until so many attempts have been refused. */
  synchronized void keepDeletedNamesFor(int refusals) {
    takenNames = refusals;
  }

  /** How many versions were written: one for each request token. */
  synchronized int versions() {
    return requestTokens.size();
  }

  /** Fails the next call with this error. */
  synchronized void failNext(String error) {
    failures.add(error);
  }

  /** Carries the next call out and breaks the connection instead of sending the response. */
  synchronized void loseNextResponse() {
    losesResponse = true;
  }

  /** The KMS key of the last secret that was created. */
  synchronized @Nullable String kmsKeyId() {
    return kmsKeyId;
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
      JsonNode request = JSON.readTree(exchange.getRequestBody());
      String failure = failures.poll();
      Response response = failure == null ? call(target.replace("secretsmanager.", ""), request) : error(failure);
      if (losesResponse) {
        losesResponse = false;
        return;
      }
      byte[] body = response.body.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
      exchange.sendResponseHeaders(response.status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private record Response(int status, String body) {}

  private Response call(String operation, JsonNode request) {
    String name = request.path(operation.equals("CreateSecret") ? "Name" : "SecretId").asText();
    if (markedForDeletion.contains(name)) return error("InvalidRequestException");
    return switch (operation) {
      case "GetSecretValue" -> isFound(name) ? value(name) : error("ResourceNotFoundException");
      case "CreateSecret" -> create(name, request);
      case "PutSecretValue" -> values.containsKey(name) ? put(name, request) : error("ResourceNotFoundException");
      case "DeleteSecret" -> delete(name, request);
      default -> error("UnknownOperationException");
    };
  }

  private boolean isFound(String name) {
    return values.containsKey(name) && lateReads-- <= 0;
  }

  /** Deleting a missing secret by force is no error; with a recovery window it is. */
  private Response delete(String name, JsonNode request) {
    boolean forced = request.path("ForceDeleteWithoutRecovery").asBoolean();
    if (!forced && !values.containsKey(name)) return error("ResourceNotFoundException");
    if (!forced) markedForDeletion.add(name);
    else if (values.remove(name) != null) deleted.add(name);
    return new Response(200, JSON.createObjectNode().put("Name", name).toString());
  }

  private Response create(String name, JsonNode request) {
    if (deleted.contains(name) && takenNames-- > 0) return error("InvalidRequestException");
    boolean repeated = requestTokens.contains(request.path("ClientRequestToken").asText());
    if (values.containsKey(name) && !repeated) return error("ResourceExistsException");
    kmsKeyId = request.path("KmsKeyId").textValue();
    return put(name, request);
  }

  private Response put(String name, JsonNode request) {
    requestTokens.add(request.path("ClientRequestToken").asText());
    values.put(name, request.path("SecretString").asText());
    return value(name);
  }

  private Response value(String name) {
    return new Response(200,
        JSON.createObjectNode().put("Name", name).put("SecretString", values.get(name)).toString());
  }

  private static Response error(String type) {
    return new Response(400, JSON.createObjectNode().put("__type", type).put("Message", "scripted").toString());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
