/** The function disconnect: ends a connection's grant. */
@NullMarked
package social.avatarai.mcp.functions.disconnect;

import org.jspecify.annotations.NullMarked;
