package social.avatarai.mcp.record;

import java.time.Clock;
import social.avatarai.mcp.token.DueGrants;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grants;

/**
 * Has a grant follow what may change in its server's record without a new consent: whether the server is switched on, and
 * the query of its URL. A call reads the grant alone, so both are noted in the grant.
 */
public final class RecordFollower {
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

  /** The grant under this record, which it serves; nothing is written where the grant says the same already. */
  public Grant follow(Grant grant, McpServer server) {
    if (grant.enabled() != server.enabled()) noteEnabled(grant, server.enabled());
    return followUrl(grant.inUse(server.enabled()), server);
  }

  /** Back in use, and back in sight of the scheduled refresh, which has passed its markers by meanwhile. */
  private void noteEnabled(Grant grant, boolean enabled) {
    grants.noteEnabled(grant.key(), enabled);
    if (enabled && grant.state().dueMinute() > 0) {
      dueGrants.schedule(grant.key(), clock.instant().getEpochSecond() / 60);
    }
  }

  /**
   * The record is looked at again after the write: another change of it may have been noted just before, and must not be
   * undone. So the last one who writes has seen the record as it stays.
   */
  private Grant followUrl(Grant grant, McpServer server) {
    if (grant.target().serverUrl().equals(server.url())) return grant;
    var followed = grant.servedAt(server.url());
    grants.noteServerUrl(followed);
    return servers.find(grant.key()).filter(now -> now.isServedBy(followed)).map(now -> followUrl(followed, now))
        .orElse(followed);
  }
}
