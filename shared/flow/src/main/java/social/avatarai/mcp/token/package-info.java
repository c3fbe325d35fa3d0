/**
 * Tokens: token requests, the judgement of their responses, and the refresh of grants through one choke point.
 *
 * <p>Doors: {@link social.avatarai.mcp.token.TokenEndpoint} (RFC 6749 §4.1.3, §5, §6) and
 * {@link social.avatarai.mcp.token.Refresher}.
 */
@NullMarked
package social.avatarai.mcp.token;

import org.jspecify.annotations.NullMarked;
