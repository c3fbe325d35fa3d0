package social.avatarai.mcp.benchmarks.coldstart.inside;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.JsonText;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.http.OutboundRequest;
import social.avatarai.mcp.http.SystemTrust;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Uses each library of a function for the first time, one after the other, in a fresh process. It prints a line for each
 * use: its name, the milliseconds, and the milliseconds of processor time. What two of them share counts for the first.
 */
public final class FirstUses {
  private static final OperatingSystemMXBean PROCESS = (OperatingSystemMXBean) ManagementFactory
      .getOperatingSystemMXBean();

  private FirstUses() {}

  /** The arguments are a URL to get, and a table to read. */
  public static void main(String[] arguments) throws Exception {
    use("nothing", () -> "");
    use("JSON read and written", () -> JsonText.of(Json.object("{\"a\":[1,\"b\"]}".getBytes(UTF_8)).orElseThrow()));
    use("HKDF and AES-GCM", FirstUses::decrypt);
    use("TLS, with the certificates", () -> {
      SystemTrust.load();
      return "";
    });
    var dynamoDb = use("DynamoDB client", () -> AwsClients.dynamoDb());
    use("DynamoDB call", () -> get(dynamoDb, arguments[1]));
    use("DynamoDB call again", () -> get(dynamoDb, arguments[1]));
    var secrets = use("Secrets Manager client", () -> AwsClients.secretsManager());
    use("Secrets Manager call", () -> secrets.getSecretValue(get -> get.secretId("access-resource/key-ring")));
    var door = use("HTTP client", () -> new OutboundDoor(AddressPolicy.withLoopback()));
    use("HTTP request", () -> get(door, arguments[0]));
    use("HTTP request again", () -> get(door, arguments[0]));
    System.exit(0);
  }

  private static <T> T use(String name, Callable<T> use) throws Exception {
    long begun = System.nanoTime();
    long cpu = PROCESS.getProcessCpuTime();
    T result = use.call();
    System.out
        .println(name + "\t" + (System.nanoTime() - begun) / 1e6 + "\t" + (PROCESS.getProcessCpuTime() - cpu) / 1e6);
    return result;
  }

  private static byte[] decrypt() throws Exception {
    var key = KDF.getInstance("HKDF-SHA256").deriveKey("AES",
        HKDFParameterSpec.ofExtract().addIKM(new byte[32]).thenExpand(new byte[32], 32));
    var gcm = Cipher.getInstance("AES/GCM/NoPadding");
    gcm.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, new byte[12]));
    return gcm.doFinal(new byte[64]);
  }

  private static Object get(DynamoDbClient client, String table) {
    var key = Map.of("pk", AttributeValue.fromS("u#none"), "sk", AttributeValue.fromS("none"));
    return client.getItem(get -> get.tableName(table).key(key).consistentRead(true));
  }

  private static Object get(OutboundDoor door, String url) {
    return door.exchange(OutboundRequest.document(new EndpointUrl(url)), Deadline.in(Duration.ofSeconds(10)));
  }
}
