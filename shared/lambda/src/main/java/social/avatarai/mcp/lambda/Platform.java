package social.avatarai.mcp.lambda;

import java.time.Clock;
import java.util.Map;
import java.util.ServiceLoader;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.Pause;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.vault.SecretVault;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * What is different inside and outside of AWS. A deployment has {@link AwsPlatform}; the local runner puts its own on
 * the class path, and with it the few freedoms that exist nowhere else.
 */
public interface Platform {

  Map<String, String> environment();

  /** Which addresses may be connected to. */
  AddressPolicy addressPolicy();

  /** Whether flows are bound to the browser that began them. */
  boolean bindsSessions();

  DynamoDbClient dynamoDb();

  /** The secrets of this deployment. */
  SecretVault vault(Settings settings);

  Clock clock();

  /** The log of this process. */
  default Journal journal() {
    return Journal.standard(clock());
  }

  /** How a wait for somebody else's work is waited. */
  Pause pause();

  /** Those on the class path, else AWS. */
  static Platform present() {
    return ServiceLoader.load(Platform.class).findFirst().orElseGet(AwsPlatform::new);
  }
}
