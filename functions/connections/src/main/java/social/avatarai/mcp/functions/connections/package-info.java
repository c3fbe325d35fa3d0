/** The function connections: what a user is connected to. */
@NullMarked
package social.avatarai.mcp.functions.connections;

import org.jspecify.annotations.NullMarked;
