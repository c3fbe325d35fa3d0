/** The function discover-resource: from an MCP server's URL to its protected resource metadata. */
@NullMarked
package social.avatarai.mcp.functions.discoverresource;

import org.jspecify.annotations.NullMarked;
