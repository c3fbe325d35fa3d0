/** Whole flows: everything of ours that one process has, between an authorization server and an MCP server. */
@NullMarked
package social.avatarai.mcp.lambda.flow;

import org.jspecify.annotations.NullMarked;
