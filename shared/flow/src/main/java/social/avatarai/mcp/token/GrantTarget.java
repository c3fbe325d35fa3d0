package social.avatarai.mcp.token;

import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;

/**
 * Who gives a grant, and for what: recorded when the flow begins and used as recorded, so that metadata which changes
 * meanwhile re-aims nothing.
 *
 * @param issuer the authorization server
 * @param tokenEndpoint its token endpoint, from its validated metadata
 * @param resource the resource, verbatim as its metadata names it
 * @param serverUrl the MCP server's URL, covered by the resource
 */
public record GrantTarget(Issuer issuer, EndpointUrl tokenEndpoint, ResourceUri resource, EndpointUrl serverUrl) {}
