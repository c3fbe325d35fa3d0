package social.avatarai.mcp;

/** A connection: user × server. It has at most one grant. */
public record ConnectionKey(UserId user, ConnectionId connection) {}
