package social.avatarai.mcp.proxy;

import java.time.Instant;

/**
 * The sessions that clients have ended before their time. A session itself is not stored: its id proves that it was
 * given. Reads are consistent.
 */
public interface EndedSessions {

  /**
   * Notes that a session has ended; no effect if it was noted before.
   *
   * @param session a digest of its id
   * @param until when the session would have ended by itself, so that nothing needs to be noted any more
   */
  void end(String session, Instant until);

  boolean contain(String session);
}
