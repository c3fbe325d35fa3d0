/**
 * The MCP client: requests to an MCP server over Streamable HTTP, with a token of the user's.
 *
 * <p>Door: {@link social.avatarai.mcp.resource.McpClient}. MCP specification, basic/transports and basic/lifecycle.
 */
@NullMarked
package social.avatarai.mcp.resource;

import org.jspecify.annotations.NullMarked;
