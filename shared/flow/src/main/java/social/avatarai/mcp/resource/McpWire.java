package social.avatarai.mcp.resource;

import org.jspecify.annotations.Nullable;

import social.avatarai.mcp.McpSessionId;

/**
 * What was agreed with an MCP server, kept with the connection so that the next call costs one request.
 *
 * @param protocolVersion the negotiated version, such as {@code 2025-11-25}
 * @param session the server's session; null when it keeps none
 */
public record McpWire(String protocolVersion, @Nullable McpSessionId session) {}
