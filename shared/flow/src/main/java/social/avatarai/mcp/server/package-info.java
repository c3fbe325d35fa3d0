/**
 * The users' registry: server records in the shape of the user's own JSON, what the flow needs of them, and connecting.
 *
 * <p>Doors: {@link social.avatarai.mcp.server.ServerRegistry} and {@link social.avatarai.mcp.server.Connector}. No secret of a
 * record stays in it: what is kept and shown is what is left without them.
 */
@NullMarked
package social.avatarai.mcp.server;

import org.jspecify.annotations.NullMarked;
