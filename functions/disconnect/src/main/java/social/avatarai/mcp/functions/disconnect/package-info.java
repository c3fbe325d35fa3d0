/** The function disconnect: it ends the grant of a connection. */
@NullMarked
package social.avatarai.mcp.functions.disconnect;

import org.jspecify.annotations.NullMarked;
