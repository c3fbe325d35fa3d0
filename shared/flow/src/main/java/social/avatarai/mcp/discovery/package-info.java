/**
 * From the URL of an MCP server to its authorization server: challenge, RFC 9728, RFC 8414 and OpenID Discovery.
 *
 * <p>Door: {@link social.avatarai.mcp.discovery.Discovery}. MCP specification, basic/authorization.
 */
@NullMarked
package social.avatarai.mcp.discovery;

import org.jspecify.annotations.NullMarked;
