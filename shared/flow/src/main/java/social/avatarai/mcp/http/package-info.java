/**
 * The outbound door: every request to a server of the outside world goes through it, and is checked there.
 *
 * <p>Door: {@link social.avatarai.mcp.http.Outbound}. Nobody else opens a connection.
 */
@NullMarked
package social.avatarai.mcp.http;

import org.jspecify.annotations.NullMarked;
