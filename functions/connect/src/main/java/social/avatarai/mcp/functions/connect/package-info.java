/** The function connect: asks a server, and begins a flow where it wants consent. */
@NullMarked
package social.avatarai.mcp.functions.connect;

import org.jspecify.annotations.NullMarked;
