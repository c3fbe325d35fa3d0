package social.avatarai.mcp.record;

/**
 * A server as it is stored.
 *
 * @param server the server
 * @param revision which write of its user has stored it
 */
public record StoredServer(McpServer server, Revision revision) {}
