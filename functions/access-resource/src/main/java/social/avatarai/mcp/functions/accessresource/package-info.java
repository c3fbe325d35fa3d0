/** The function access-resource: one request to an MCP server with the user's grant. */
@NullMarked
package social.avatarai.mcp.functions.accessresource;

import org.jspecify.annotations.NullMarked;
