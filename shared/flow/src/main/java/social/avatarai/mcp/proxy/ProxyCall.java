package social.avatarai.mcp.proxy;

import social.avatarai.mcp.ConnectionKey;

/**
 * A message of a client for the server of a connection.
 *
 * @param connection the connection, of the user who calls
 * @param headers the headers
 * @param message the message
 */
public record ProxyCall(ConnectionKey connection, MessageHeaders headers, ClientMessage message) {}
