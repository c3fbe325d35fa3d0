package social.avatarai.mcp.token;

import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

/**
 * The consent that a connection's grant comes from. It is known even if the grant cannot be opened.
 *
 * @param grant the grant
 * @param issuer the authorization server that gave it
 * @param client the client of the grant
 * @param serverUrl the MCP server's URL without its query. It is read without opening the grant, so compare it, but
 *        send nothing there
 */
public record GrantOrigin(GrantId grant, Issuer issuer, ClientId client, EndpointUrl serverUrl) {}
