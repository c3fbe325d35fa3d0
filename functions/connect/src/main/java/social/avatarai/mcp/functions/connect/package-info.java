/** The function connect: it sends a request to a server, and begins a flow when the server demands consent. */
@NullMarked
package social.avatarai.mcp.functions.connect;

import org.jspecify.annotations.NullMarked;
