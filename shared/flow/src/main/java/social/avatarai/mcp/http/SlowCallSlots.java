package social.avatarai.mcp.http;

import java.time.Instant;
import social.avatarai.mcp.UserId;

/** The slots that a user's slow calls take, shared by all processes. */
public interface SlowCallSlots {

  /**
   * A slot.
   *
   * @param user the user of the call
   * @param call a random name for the call
   * @param until when the slot is free again, even if it was not released because the process was killed
   */
  record Slot(UserId user, String call, Instant until) {}

  /**
   * Takes a slot, unless the user's calls hold this many. This is one write. A second try recognises the first one by
   * the name of the call.
   */
  boolean take(Slot slot, int most, Instant now);

  /** Frees a slot; no effect if it is free. */
  void release(Slot slot);
}
