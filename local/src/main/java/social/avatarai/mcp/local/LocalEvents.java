package social.avatarai.mcp.local;

import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.aws.eventbridge.EventBridgeBus;
import social.avatarai.mcp.event.DeliveryQueue;
import social.avatarai.mcp.event.EventBus;
import social.avatarai.mcp.event.GrantEvent;
import social.avatarai.mcp.http.Json;

/**
 * The local stand-in for EventBridge and for the queue of the webhook. It prints each event, and hands it to the
 * webhook function if there is a URL. A message that is not delivered is tried again after its pause, as often as on
 * AWS. What is in the queue ends with the process.
 */
final class LocalEvents implements EventBus, DeliveryQueue, AutoCloseable {
  /** As in the template: {@code maxReceiveCount} of the queue. */
  static final int MAX_TRIES = 8;

  private final Map<String, Message> received = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer = Executors
      .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("webhook").factory());
  private volatile @Nullable RequestStreamHandler webhook;

  /** A message in the queue, and how often it was received before. */
  private record Message(String body, int tries) {
    Message again() {
      return new Message(body, tries + 1);
    }
  }

  /** Sends events by this function from now on. */
  void sendBy(RequestStreamHandler handler) {
    webhook = handler;
  }

  @Override
  public void publish(GrantEvent event) {
    var delivered = EventBridgeBus.delivered(event);
    System.out.println("event " + delivered);
    if (webhook != null) timer.execute(() -> receive(new Message(delivered.toString(), 1)));
  }

  @Override
  public void hide(String receipt, Duration pause) {
    var message = received.remove(receipt);
    if (message == null || timer.isShutdown()) return;
    if (message.tries() < MAX_TRIES) {
      var again = message.again();
      var _ = timer.schedule(() -> receive(again), pause.toMillis(), TimeUnit.MILLISECONDS);
    } else {
      System.out.println("webhook: given up after " + MAX_TRIES + " tries " + message.body());
    }
  }

  private void receive(Message message) {
    var handler = webhook;
    if (handler == null) return;
    String receipt = Unguessable.text();
    received.put(receipt, message);
    try {
      LocalInvocation.of(handler, event(receipt, message));
    } catch (IOException | Failure e) {
      System.err.println("webhook: " + e.getMessage());
    } finally {
      received.remove(receipt);
    }
  }

  private static String event(String receipt, Message message) {
    var event = Json.newObject();
    var record = event.putArray("Records").addObject().put("messageId", receipt).put("receiptHandle", receipt)
        .put("body", message.body());
    record.putObject("attributes").put("ApproximateReceiveCount", Integer.toString(message.tries()));
    return event.toString();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
