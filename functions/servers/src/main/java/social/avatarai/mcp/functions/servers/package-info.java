/** The function servers: the user's server records. */
@NullMarked
package social.avatarai.mcp.functions.servers;

import org.jspecify.annotations.NullMarked;
