/**
 * Our client identity at an authorization server: pre-registered, by metadata document, or by dynamic registration.
 *
 * <p>Door: {@link social.avatarai.mcp.registration.ClientSelector}. RFC 7591, the Client ID Metadata Document draft,
 * and the MCP specification's order of the three.
 */
@NullMarked
package social.avatarai.mcp.registration;

import org.jspecify.annotations.NullMarked;
