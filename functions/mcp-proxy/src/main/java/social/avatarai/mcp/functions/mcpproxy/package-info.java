/** The function mcp-proxy: to a client that speaks MCP, it is the MCP server of a connection. */
@NullMarked
package social.avatarai.mcp.functions.mcpproxy;

import org.jspecify.annotations.NullMarked;
