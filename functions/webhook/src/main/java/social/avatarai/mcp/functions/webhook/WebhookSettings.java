package social.avatarai.mcp.functions.webhook;

import java.util.Map;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.lambda.SettingsReader;

/**
 * The settings of this function alone; all faults are reported together.
 *
 * @param url {@code WEBHOOK_URL}: where events are sent
 * @param secret {@code WEBHOOK_SECRET_NAME}: the name of the secret that signs them
 * @param queue {@code WEBHOOK_QUEUE}: the URL of the queue that invokes this function
 */
record WebhookSettings(EndpointUrl url, String secret, String queue) {

  /** Reads the settings. A {@code misconfigured} failure names every fault. */
  static WebhookSettings read(Map<String, String> environment) {
    var reader = new SettingsReader(environment);
    var url = reader.required("WEBHOOK_URL", EndpointUrl::new);
    var secret = reader.required("WEBHOOK_SECRET_NAME");
    var queue = reader.required("WEBHOOK_QUEUE");
    reader.requireNoFaults();
    return new WebhookSettings(url.orElseThrow(), secret, queue);
  }
}
