package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import social.avatarai.mcp.local.CallGraph.Method;

/**
 * Each function has the rights in AWS that its code needs, and no other. The test compares the rights in {@code
 * template.yaml} with the calls that are reachable from the function's handler. What SAM makes of the template is
 * checked by {@code .ci/template/check}.
 */
class LeastRightsTest {
  private static final String BASE = "social.avatarai.mcp.";
  private static final String TABLE = BASE + "aws.dynamodb.Table";
  private static final String TABLES = BASE + "aws.dynamodb.Tables";
  private static final String VAULT = BASE + "vault.SecretVault";
  private static final String VAULT_ON_AWS = BASE + "aws.secretsmanager.SecretsManagerVault";
  private static final String DYNAMODB = "software.amazon.awssdk.services.dynamodb.DynamoDbClient";
  private static final String SECRETS_MANAGER = "software.amazon.awssdk.services.secretsmanager.SecretsManagerClient";

  /** The secrets that each user of the vault asks for, in the template's words. */
  private static final Map<String, String> SECRETS = Map.of(BASE + "vault.VaultKeyRing", "KeyRing",
      BASE + "registration.VaultClientSecrets", "client/*", BASE + "registration.SigningKeys", "signing-key*",
      BASE + "registration.OperatorSecrets", "operator-client/*", BASE + "event.WebhookSecrets", "WebhookSecret");
  private static final String JSON_SERVICE = BASE + "aws.AwsJsonService";
  /** The operations of services without a client library, by the class that calls them. */
  private static final Map<String, Right> OPERATIONS = Map.of(
      BASE + "aws.eventbridge.EventBridgeBus", new Right("GrantEventBus", "events:PutEvents"),
      BASE + "aws.sqs.SqsDeliveryQueue", new Right("WebhookQueue", "sqs:ChangeMessageVisibility"));
  private static final Map<String, String> TABLE_NAMES = Map.of("sessions", "SessionsTable", "tokens", "TokensTable",
      "due", "DueTable", "registrations", "RegistrationsTable", "servers", "ServersTable");

  private static final String SECRETS_OF_THE_STACK = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/";

  private static CallGraph graph;
  private static JsonNode template;

  /** A right: an action on a resource. */
  record Right(String resource, String action) implements Comparable<Right> {
    @Override
    public int compareTo(Right other) {
      return toString().compareTo(other.toString());
    }
  }

  @BeforeAll
  static void read() throws IOException {
    graph = CallGraph.ofTheDeployment();
    template = new ObjectMapper(new YAMLFactory()).readTree(Path.of("..", "template.yaml").toFile());
  }

  @TestFactory
  Stream<DynamicTest> everyFunctionHasTheRightsThatItsCodeUsesAndNoOthers() throws IOException {
    return Template.read(Path.of("..", "template.yaml")).functions().stream()
        .map(function -> DynamicTest.dynamicTest(function.folder(),
            () -> assertThat(granted(function.handlerClass())).isEqualTo(used(function.handlerClass()))));
  }

  /** Rights come from statements that allow, and from nothing that the comparison does not read. */
  @Test
  void rightsAreGivenInStatementsAlone() {
    template.path("Resources").properties().forEach(named -> {
      JsonNode resource = named.getValue();
      String type = resource.path("Type").asText();
      assertThat(type).as(named.getKey()).doesNotStartWith("AWS::IAM::");
      if (!type.equals("AWS::Serverless::Function")) return;
      assertThat(resource.path("Properties").has("Role")).as(named.getKey()).isFalse();
      resource.path("Properties").path("Policies").forEach(policy -> {
        assertThat(policy.path("Statement").isArray()).as(named.getKey()).isTrue();
        policy.path("Statement").forEach(statement -> {
          assertThat(statement.path("Effect").asText()).isEqualTo("Allow");
          boolean ofTheKey = statement.path("Action").toString().contains("kms:");
          assertThat(statement.path("Condition").path("StringEquals").has("kms:ViaService")).isEqualTo(ofTheKey);
        });
      });
    });
    assertThat(template.at("/Globals/Function").has("Policies")).isFalse();
  }

  /** No other class calls AWS, so the comparison sees every call. */
  @Test
  void onlyTheTableAndTheVaultSpeakToAws() {
    for (String name : graph.classNames()) {
      for (Method method : graph.methods(name)) {
        for (Method called : graph.calledBy(method)) {
          if (called.name().equals("builder")) continue;
          if (called.owner().equals(DYNAMODB)) assertThat(method.outermost()).isEqualTo(TABLE);
          if (called.owner().equals(SECRETS_MANAGER)) assertThat(method.outermost()).isEqualTo(VAULT_ON_AWS);
          if (isOperation(called)) assertThat(OPERATIONS).containsKey(method.outermost());
          if (called.owner().equals(VAULT)) assertThat(SECRETS).containsKey(method.outermost());
        }
      }
    }
  }

  /** A record of the stream contains sealed tokens. The function that gets it can neither unseal nor read them. */
  @Test
  void eventsAreMadeWithoutARightToTheKeyRingOrToATable() {
    assertThat(granted(BASE + "functions.grantevents.GrantEventsHandler")).extracting(Right::resource)
        .containsOnly("GrantEventBus", "GrantEventFailures", "TokensTable.StreamArn");
  }

  @Test
  void findsTheCallsOfAFunction() {
    assertThat(used(BASE + "functions.callback.CallbackHandler")).contains(
        new Right("SessionsTable", "dynamodb:GetItem"),
        new Right("KeyRing", "secretsmanager:GetSecretValue"));
    assertThat(used(BASE + "functions.discoverresource.DiscoverResourceHandler"))
        .containsExactly(new Right("ServersTable", "dynamodb:UpdateItem"));
  }

  /** Lambda reads streams and queues with the rights of the function that it invokes. */
  private static Set<Right> usedBySourcesOf(String handler) {
    var rights = new TreeSet<Right>();
    template.path("Resources").forEach(resource -> {
      JsonNode source = resource.path("Properties");
      if (!resource.path("Type").asText().equals("AWS::Lambda::EventSourceMapping")) return;
      if (!template.at("/Resources/" + source.path("FunctionName").asText() + "/Properties/Handler").asText()
          .equals(handler))
        return;
      String from = resource(source.path("EventSourceArn").asText());
      if (from.endsWith(".StreamArn")) {
        for (String action : List.of("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"))
          rights.add(new Right(from, "dynamodb:" + action));
      } else {
        for (String action : List.of("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"))
          rights.add(new Right(from, "sqs:" + action));
      }
      JsonNode failures = source.at("/DestinationConfig/OnFailure/Destination");
      if (failures.isTextual()) rights.add(new Right(resource(failures.asText()), "sqs:SendMessage"));
    });
    return rights;
  }

  private static boolean isOperation(Method called) {
    return called.owner().equals(JSON_SERVICE) && called.name().equals("call");
  }

  private static Set<Right> used(String handler) {
    var rights = new TreeSet<>(usedBySourcesOf(handler));
    for (Method method : graph.reachableFrom(graph.methods(handler))) {
      for (Method called : graph.calledBy(method)) {
        boolean ofTheTable = called.owner().equals(TABLE) && !method.outermost().equals(TABLE);
        if (ofTheTable)
          tablesOf(method)
              .forEach(table -> add(rights, table + index(called), "dynamodb", operations(called, TABLE, DYNAMODB)));
        if (called.owner().equals(VAULT)) addSecret(rights, method, called);
        if (isOperation(called)) rights.add(Objects.requireNonNull(OPERATIONS.get(method.outermost())));
      }
    }
    return rights;
  }

  private static void addSecret(Set<Right> rights, Method method, Method called) {
    var onAws = new Method(VAULT_ON_AWS, called.name(), called.descriptor());
    var operations = operations(onAws, VAULT_ON_AWS, SECRETS_MANAGER);
    add(rights, String.valueOf(SECRETS.get(method.outermost())), "secretsmanager", operations);
    // Every secret is encrypted with the template's key. Reading a secret needs Decrypt, and writing one needs a data
    // key too.
    boolean reads = operations.contains("getSecretValue");
    boolean writes = operations.contains("createSecret") || operations.contains("putSecretValue");
    if (reads || writes) rights.add(new Right("SecretsKey", "kms:Decrypt"));
    if (writes) rights.add(new Right("SecretsKey", "kms:GenerateDataKey"));
  }

  private static void add(Set<Right> rights, String resource, String service, Set<String> operations) {
    operations.forEach(operation -> rights
        .add(new Right(resource, service + ":" + operation.substring(0, 1).toUpperCase(Locale.ROOT)
            + operation.substring(1))));
  }

  /**
   * The operations of an SDK client that a method of this class calls, directly or through other methods of the class.
   */
  private static Set<String> operations(Method entry, String within, String client) {
    var operations = new TreeSet<String>();
    for (Method method : graph.reachableFrom(List.of(entry))) {
      if (!method.outermost().equals(within)) continue;
      graph.calledBy(method).stream().filter(called -> called.owner().equals(client)).map(Method::name)
          .forEach(operations::add);
    }
    return operations;
  }

  /** The tables that an adapter works with. */
  private static List<String> tablesOf(Method method) {
    var names = graph.calledOf(TABLES, method.outermost());
    assertThat(names).as("the tables of %s", method.outermost()).isNotEmpty();
    return names.stream().map(name -> String.valueOf(TABLE_NAMES.get(name))).toList();
  }

  /** The only index. A right to query it is no right to its table. */
  private static String index(Method called) {
    return called.name().equals("queryIndex") ? "/index/byResource" : "";
  }

  private static Set<Right> granted(String handler) {
    var rights = new TreeSet<Right>();
    for (JsonNode resource : template.path("Resources")) {
      if (!resource.path("Properties").path("Handler").asText().equals(handler)) continue;
      resource.path("Properties").path("Policies").forEach(policy -> policy.path("Statement")
          .forEach(statement -> texts(statement.path("Resource")).forEach(on -> texts(statement.path("Action"))
              .forEach(action -> rights.add(new Right(resource(on), action))))));
    }
    return rights;
  }

  private static Stream<String> texts(JsonNode value) {
    return (value.isArray() ? value.valueStream() : Stream.of(value)).map(JsonNode::asText);
  }

  private static String resource(String written) {
    if (written.endsWith(".Arn")) return written.substring(0, written.length() - 4);
    if (written.contains(".Arn}/index/")) return written.substring("${".length()).replace(".Arn}", "");
    return written.startsWith(SECRETS_OF_THE_STACK) ? written.substring(SECRETS_OF_THE_STACK.length()) : written;
  }
}
