/**
 * The authorization request, its session, and the callback that ends it.
 *
 * <p>Doors: {@link social.avatarai.mcp.authorization.AuthorizationStarter} and
 * {@link social.avatarai.mcp.authorization.Callback}. RFC 6749 §4.1, RFC 7636, RFC 8707, RFC 9207.
 */
@NullMarked
package social.avatarai.mcp.authorization;

import org.jspecify.annotations.NullMarked;
