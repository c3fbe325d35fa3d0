package social.avatarai.mcp.http;

/**
 * Lets a call of a user go on if the call gets one of the user's slots. It stands before a request that cannot be cut
 * off once it is sent, because it sends a code or a token that cannot be sent again.
 */
@FunctionalInterface
public interface SlotGate {

  /** Takes a slot for the call of this thread, unless the call has one; {@code too_many_requests} if none is free. */
  void requireSlot();
}
