package social.avatarai.mcp.event;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Outbound;
import social.avatarai.mcp.http.OutboundRequest;

/** Sends messages to the app's URL, signed (Standard Webhooks 1.0). A redirect is not followed. */
public final class Webhook {
  /** The longest time of one try. */
  public static final Duration MAX_TRY_TIME = Duration.ofSeconds(5);
  /** Nothing in a response matters but its status. */
  private static final int MAX_RESPONSE_BYTES = 64 * 1024;
  /** The pauses after the tries that failed (Standard Webhooks 1.0, "Deliverability and reliability"). */
  private static final List<Duration> PAUSES = List.of(Duration.ofSeconds(5), Duration.ofMinutes(5),
      Duration.ofMinutes(30), Duration.ofHours(2), Duration.ofHours(5), Duration.ofHours(10), Duration.ofHours(10));

  private final Outbound outbound;
  private final EndpointUrl url;
  private final WebhookSecrets secrets;
  private final Clock clock;

  public Webhook(Outbound outbound, EndpointUrl url, WebhookSecrets secrets, Clock clock) {
    this.outbound = outbound;
    this.url = url;
    this.secrets = secrets;
    this.clock = clock;
  }

  /** Sends a message once. Any response but a 2xx fails, and so does none within {@link #MAX_TRY_TIME}. */
  public void send(WebhookMessage message, Deadline deadline) {
    int status = outbound.exchange(request(message), deadline, (head, _) -> head.status());
    if (status >= 200 && status < 300) return;
    throw new Failure.Refused(ErrorCode.INVALID_UPSTREAM_ANSWER, "The webhook was not accepted.",
        "the webhook's URL responds with " + status).withUpstreamStatus(status);
  }

  private OutboundRequest request(WebhookMessage message) {
    var request = OutboundRequest.json(url, message.body()).within(MAX_RESPONSE_BYTES, MAX_TRY_TIME);
    // The time of this try, not of the event: receivers refuse old timestamps.
    long now = clock.instant().getEpochSecond();
    return request.with("webhook-id", message.id()).with("webhook-timestamp", Long.toString(now))
        .with("webhook-signature", WebhookSignature.of(message.id(), now, request.body(), secrets.current()));
  }

  /** How long to wait after so many tries, from 1. */
  public static Duration pauseAfter(int tries) {
    return PAUSES.get(Math.clamp(tries, 1, PAUSES.size()) - 1);
  }
}
