/**
 * The outbound door. Every request to another server goes through the door and is checked there.
 *
 * <p>Door: {@link social.avatarai.mcp.http.Outbound}. No other code opens a connection.
 */
@NullMarked
package social.avatarai.mcp.http;

import org.jspecify.annotations.NullMarked;
