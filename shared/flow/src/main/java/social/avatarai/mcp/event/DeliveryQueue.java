package social.avatarai.mcp.event;

import java.time.Duration;

/** The queue of webhook messages that are not delivered yet. */
public interface DeliveryQueue {

  /**
   * Hides a message that was received, so that it is received again after this time.
   *
   * @param receipt the receipt that the queue gave with the message
   * @param pause at most {@link #MAX_PAUSE}
   */
  void hide(String receipt, Duration pause);

  /** The longest time for which a queue hides a message. */
  Duration MAX_PAUSE = Duration.ofHours(12);
}
