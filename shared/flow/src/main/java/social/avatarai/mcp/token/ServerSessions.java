package social.avatarai.mcp.token;

import social.avatarai.mcp.Deadline;

/** The MCP sessions that are kept with grants. A server keeps a session open until the client ends it. */
@FunctionalInterface
public interface ServerSessions {

  /**
   * Ends the session that is kept with a grant, if there is one. Call it while the access token is still valid, after
   * the grant is deleted or replaced. It never fails.
   */
  void end(Grant gone, Deadline deadline);
}
