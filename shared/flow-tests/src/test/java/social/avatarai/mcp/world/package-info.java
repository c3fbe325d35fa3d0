/** The world of a test of whole flows: our service, an authorization server, an MCP server and a clock that moves. */
@NullMarked
package social.avatarai.mcp.world;

import org.jspecify.annotations.NullMarked;
