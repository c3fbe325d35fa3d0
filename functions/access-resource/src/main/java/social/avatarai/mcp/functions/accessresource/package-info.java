/** The function access-resource: it sends one request to an MCP server, with the user's grant. */
@NullMarked
package social.avatarai.mcp.functions.accessresource;

import org.jspecify.annotations.NullMarked;
