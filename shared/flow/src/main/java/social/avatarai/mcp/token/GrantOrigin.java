package social.avatarai.mcp.token;

import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

/**
 * Which consent a connection's grant is from. It is known even where the grant cannot be opened.
 *
 * @param grant the grant
 * @param issuer the authorization server that gave it
 * @param client the client it was given to
 * @param serverUrl the MCP server's URL. It is read without opening the grant: compare it, and send nothing there
 */
public record GrantOrigin(GrantId grant, Issuer issuer, ClientId client, EndpointUrl serverUrl) {}
