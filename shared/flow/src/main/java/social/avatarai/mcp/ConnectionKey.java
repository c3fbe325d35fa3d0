package social.avatarai.mcp;

/** A connection: user × server. A connection has at most one grant. */
public record ConnectionKey(UserId user, ConnectionId connection) {}
