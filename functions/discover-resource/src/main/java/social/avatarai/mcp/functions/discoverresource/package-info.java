/** The function discover-resource: it finds the protected resource metadata of an MCP server. */
@NullMarked
package social.avatarai.mcp.functions.discoverresource;

import org.jspecify.annotations.NullMarked;
