package social.avatarai.mcp.token;

import social.avatarai.mcp.ConnectionId;
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
public record GrantTarget(Issuer issuer, EndpointUrl tokenEndpoint, ResourceUri resource, EndpointUrl serverUrl) {

  /**
   * Whether a request to this URL may carry a token of this target's grant.
   *
   * <p>The connection of a resource alone reaches whatever the resource covers. A server of the registry is the one at its
   * record's URL: beside it, under the same resource, other servers may be. So its tokens go to that URL, to what is below
   * it, and to the resource itself.
   */
  public boolean covers(ConnectionId connection, EndpointUrl url) {
    if (!resource.covers(url)) return false;
    return connection.isOfResource() || serverUrl.covers(url) || resource.url().isSame(url);
  }

  /** The same with another token endpoint. */
  GrantTarget at(EndpointUrl endpoint) {
    return new GrantTarget(issuer, endpoint, resource, serverUrl);
  }
}
