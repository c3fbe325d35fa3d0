package social.avatarai.mcp.lambda;

import java.time.Clock;
import java.util.Map;
import java.util.ServiceLoader;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.resource.StdioServers;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * What differs between AWS and the local runner. A deployment has {@link AwsPlatform}. The local runner puts its own
 * platform on the class path, and with it the few exceptions that exist only there.
 */
public interface Platform {

  Map<String, String> environment();

  /** Which addresses the outbound door may connect to. */
  AddressPolicy addressPolicy();

  /** Whether a flow is bound to the browser that began it. */
  boolean bindsSessions();

  DynamoDbClient dynamoDb();

  /** Creates the client for the secrets of this deployment. */
  SecretVault vault(Settings settings);

  /** The bus on which the events of this deployment are published. */
  EventBus eventBus(String name);

  /** The queue of the webhook's messages. */
  DeliveryQueue deliveryQueue(String url);

  /** The servers that the operator has defined as programs of this machine. A function starts no process. */
  default StdioServers stdioServers() {
    return StdioServers.none();
  }

  Clock clock();

  /** The log of this process. */
  default Journal journal() {
    return Journal.standard(clock());
  }

  /** How the process waits, for example while another process holds a lease. */
  Pause pause();

  /** Whether a process loads what its first call needs while it starts. A platform whose process starts once does not. */
  default boolean primes() {
    return false;
  }

  /** The platform on the class path, else AWS. */
  static Platform present() {
    return ServiceLoader.load(Platform.class).findFirst().orElseGet(AwsPlatform::new);
  }
}
