/**
 * The users' registry: stores server records in the shape of the user's own JSON, connects servers, deletes users.
 *
 * <p>Doors: {@link social.avatarai.mcp.server.ServerRegistry} and {@link social.avatarai.mcp.server.Connector}. A
 * record is stored and shown without its secrets.
 */
@NullMarked
package social.avatarai.mcp.server;

import org.jspecify.annotations.NullMarked;
