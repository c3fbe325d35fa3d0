/**
 * The other side of the MCP client: this service acts as the MCP server of a connection, for clients that speak MCP.
 *
 * <p>Door: {@link social.avatarai.mcp.proxy.McpProxy}. Each era that a client may speak is one class behind
 * {@code ClientProtocol}; {@code ClientProtocols} chooses. MCP specification, basic/transports and basic/versioning.
 */
@NullMarked
package social.avatarai.mcp.proxy;

import org.jspecify.annotations.NullMarked;
