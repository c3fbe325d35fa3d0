package social.avatarai.mcp.record;

import java.time.Clock;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantSwitch;
import social.avatarai.mcp.token.Grants;
import social.avatarai.mcp.token.RefreshTiming;

/**
 * Copies into a grant what may change in its server's record without a new consent: whether the server is enabled, the
 * query of its URL, and whether it is declared as a server of HTTP+SSE. A call reads only the grant, so all three must
 * be in the grant.
 */
public final class RecordFollower implements GrantSwitch {
  private final Grants grants;
  private final Servers servers;
  private final DueGrants dueGrants;
  private final Clock clock;

  public RecordFollower(Grants grants, Servers servers, DueGrants dueGrants, Clock clock) {
    this.grants = grants;
    this.servers = servers;
    this.dueGrants = dueGrants;
    this.clock = clock;
  }

  /**
   * The grant under this record, which the grant is for. Nothing is written where the grant says the same already.
   *
   * <p>Reads the record again after a write: another change of the record may have been written into the grant just
   * before, and must not be undone. So the last writer has seen the final record.
   */
  public Grant follow(Grant grant, McpServer server) {
    if (grant.enabled() != server.enabled()) {
      noteEnabled(grant, server.enabled());
      return again(grant.inUse(server.enabled()));
    }
    var followed = grant.servedAt(server.url()).declaredOverSse(server.isSse());
    if (followed.isAskedAs(grant)) return grant;
    grants.noteServer(followed);
    return again(followed);
  }

  @Override
  public Grant current(Grant grant) {
    return grant.enabled() ? grant : again(grant);
  }

  private Grant again(Grant followed) {
    return servers.find(followed.key()).filter(now -> now.holds(followed)).map(now -> follow(followed, now))
        .orElse(followed);
  }

  /** An enabled grant is scheduled again: meanwhile the scheduled refresh has passed over its due markers. */
  private void noteEnabled(Grant grant, boolean enabled) {
    grants.noteEnabled(grant.key(), enabled);
    if (enabled && grant.state().dueMinute() > 0) {
      dueGrants.schedule(grant.key(), RefreshTiming.minute(clock.instant()));
    }
  }
}
