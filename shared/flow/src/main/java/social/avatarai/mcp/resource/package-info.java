/**
 * The MCP client: requests to an MCP server over Streamable HTTP or HTTP+SSE, with a token of the user.
 *
 * <p>Doors: {@link social.avatarai.mcp.resource.McpClient} and {@link social.avatarai.mcp.resource.GrantedAccess}. Each
 * protocol is one class behind {@code McpProtocol}; {@code ProtocolSelector} chooses. MCP specification,
 * basic/transports and basic/lifecycle.
 */
@NullMarked
package social.avatarai.mcp.resource;

import org.jspecify.annotations.NullMarked;
