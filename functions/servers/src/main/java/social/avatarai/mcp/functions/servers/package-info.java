/** The function servers: it reads and writes the user's server records. */
@NullMarked
package social.avatarai.mcp.functions.servers;

import org.jspecify.annotations.NullMarked;
