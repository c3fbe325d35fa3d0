package social.avatarai.mcp.token;

import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.UserId;

/** A connection: user × server. It has at most one grant. */
public record GrantKey(UserId user, ConnectionId connection) {}
