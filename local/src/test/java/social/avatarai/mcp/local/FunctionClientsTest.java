package social.avatarai.mcp.local;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.local.FunctionClientsTest.Client.BUS;
import static social.avatarai.mcp.local.FunctionClientsTest.Client.DOOR;
import static social.avatarai.mcp.local.FunctionClientsTest.Client.DYNAMODB;
import static social.avatarai.mcp.local.FunctionClientsTest.Client.QUEUE;
import static social.avatarai.mcp.local.FunctionClientsTest.Client.VAULT;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.local.CallGraph.Method;

/**
 * Which clients a function can create. The class files show this: a client is in the set if a call that creates it is
 * reachable from the handler. So the test holds for every request, not only for samples. Whether a client in the set is
 * really created depends on the request; {@code ClientMetadataHandlerTest} shows an example.
 */
class FunctionClientsTest {
  private static final String BASE = "social.avatarai.mcp.";
  private static final String PLATFORM = BASE + "lambda.Platform";

  /** One line for each function: the clients that it may create. Creating clients is most of a cold start. */
  private static final Map<String, Set<Client>> CLIENTS = Map.ofEntries(
      entry("discover-resource", Set.of(DYNAMODB, DOOR)),
      entry("discover-auth-server", Set.of(DYNAMODB, DOOR)),
      entry("redirect-uri", Set.of(DYNAMODB, DOOR)),
      entry("register-client", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("start-authorization", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("callback", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("complete", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("refresh-token", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("access-resource", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("mcp-proxy", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("servers", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("connections", Set.of(DYNAMODB, VAULT)),
      entry("connect", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("disconnect", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("forget-user", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("client-metadata", Set.of(VAULT)),
      entry("scheduled-refresh", Set.of(DYNAMODB, VAULT, DOOR)),
      entry("reencrypt", Set.of(DYNAMODB, VAULT)),
      entry("grant-events", Set.of(BUS)),
      entry("webhook", Set.of(VAULT, DOOR, QUEUE)),
      entry("authorizer", Set.of(DOOR)));

  private static CallGraph graph;

  /** A client that is expensive to create, and the method that creates it. */
  enum Client {
    DYNAMODB(PLATFORM, "dynamoDb"), VAULT(PLATFORM, "vault"), DOOR(BASE + "http.OutboundDoor", "<init>"), BUS(
        PLATFORM, "eventBus"), QUEUE(PLATFORM, "deliveryQueue");

    private final String owner;
    private final String method;

    Client(String owner, String method) {
      this.owner = owner;
      this.method = method;
    }

    boolean isCreatedBy(Method called) {
      return called.owner().equals(owner) && called.name().equals(method);
    }
  }

  @BeforeAll
  static void read() {
    graph = CallGraph.ofTheDeployment();
  }

  @TestFactory
  Stream<DynamicTest> everyFunctionCreatesTheClientsOfItsLineAndNoOthers() throws IOException {
    return Template.read(Path.of("..", "template.yaml")).functions().stream()
        .map(function -> DynamicTest.dynamicTest(function.folder(), () -> {
          assertThat(CLIENTS).as("a line for each function").containsKey(function.folder());
          assertThat(created(function.handlerClass())).isEqualTo(CLIENTS.get(function.folder()));
        }));
  }

  @Test
  void everyLineIsOfAFunction() throws IOException {
    assertThat(Template.read(Path.of("..", "template.yaml")).functions()).extracting(Template.Function::folder)
        .containsAll(CLIENTS.keySet());
  }

  private static Set<Client> created(String handler) {
    var entries = graph.methods(handler);
    assertThat(entries).as(handler).isNotEmpty();
    var created = EnumSet.noneOf(Client.class);
    for (Method method : graph.reachableFrom(entries)) {
      for (Method called : graph.calledBy(method))
        Stream.of(Client.values()).filter(client -> client.isCreatedBy(called)).forEach(created::add);
    }
    return created;
  }
}
