/** The function connections: it lists the connections of a user. */
@NullMarked
package social.avatarai.mcp.functions.connections;

import org.jspecify.annotations.NullMarked;
