package social.avatarai.mcp.functions.webhook;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Cidr;
import social.avatarai.mcp.lambda.Settings;

/**
 * The settings of this function alone; all faults are reported together.
 *
 * @param url {@code WEBHOOK_URL}: where events are sent
 * @param secret {@code WEBHOOK_SECRET_NAME}: the name of the secret that signs them
 * @param queue {@code WEBHOOK_QUEUE}: the URL of the queue that invokes this function
 * @param forbiddenNetworks {@code FORBIDDEN_NETWORKS}: networks to which we do not connect, as in all functions
 */
record WebhookSettings(EndpointUrl url, String secret, String queue, List<Cidr> forbiddenNetworks) {

  /** Reads the settings. A {@code misconfigured} failure names every fault. */
  static WebhookSettings read(Map<String, String> environment) {
    var faults = new ArrayList<String>();
    var url = url(required("WEBHOOK_URL", environment, faults), faults);
    var secret = required("WEBHOOK_SECRET_NAME", environment, faults);
    var queue = required("WEBHOOK_QUEUE", environment, faults);
    var networks = Settings.forbiddenNetworks(environment, faults);
    if (faults.isEmpty()) return new WebhookSettings(Objects.requireNonNull(url), secret, queue, networks);
    throw new Failure.Misconfigured("The settings are wrong: " + String.join("; ", faults) + ".", "");
  }

  private static String required(String name, Map<String, String> environment, List<String> faults) {
    String value = environment.getOrDefault(name, "").strip();
    if (value.isEmpty()) faults.add(name + " is missing");
    return value;
  }

  private static @Nullable EndpointUrl url(String value, List<String> faults) {
    try {
      return value.isEmpty() ? null : new EndpointUrl(value);
    } catch (IllegalArgumentException e) {
      faults.add("WEBHOOK_URL " + e.getMessage());
      return null;
    }
  }
}
