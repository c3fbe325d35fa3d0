package social.avatarai.mcp.record;

import java.util.Optional;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.GrantUse;
import social.avatarai.mcp.token.HeldGrant;
import social.avatarai.mcp.token.HeldGrants;
import social.avatarai.mcp.token.ServerSessions;

/**
 * What the records say about grants. A change of a user's own record changes the grant with it, so a call reads the grant
 * alone, and the record too only where the grant is switched off. The operator cannot change the grants of all users, so a call with the grant of a built-in server reads
 * the server too. A grant for another server than the present one is ended when it is next looked at.
 */
public final class BuiltInGrants implements GrantUse {
  private final BuiltInServers builtIns;
  private final HeldGrants heldGrants;
  private final RecordFollower follower;
  private final ServerSessions sessions;

  public BuiltInGrants(BuiltInServers builtIns, HeldGrants heldGrants, RecordFollower follower,
      ServerSessions sessions) {
    this.builtIns = builtIns;
    this.heldGrants = heldGrants;
    this.follower = follower;
    this.sessions = sessions;
  }

  @Override
  public Optional<Grant> usable(Grant grant, Deadline deadline) {
    if (!grant.builtIn()) return Optional.of(follower.current(grant).requireEnabled());
    var server = builtIns.find(grant.key()).filter(found -> found.isServedBy(grant));
    if (server.isPresent()) return Optional.of(follow(grant, server.get().requireEnabled(), deadline));
    heldGrants.end(new HeldGrant(grant.key(), grant, ""), deadline);
    return Optional.empty();
  }

  /** A session belongs to the transport and to the URL at which it was opened, with its query. */
  private Grant follow(Grant held, McpServer server, Deadline deadline) {
    var followed = follower.follow(held, server);
    if (!held.isAskedAs(followed)) sessions.end(held, deadline);
    return followed;
  }
}
