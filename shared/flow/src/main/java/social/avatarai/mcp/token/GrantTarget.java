package social.avatarai.mcp.token;

import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;

/**
 * The issuer and the resource of a grant. They are recorded when the flow begins and used as recorded, so a later
 * change of the metadata does not redirect a code or a token.
 *
 * @param issuer the authorization server
 * @param tokenEndpoint its token endpoint, from its validated metadata
 * @param resource the resource, verbatim as its metadata names it
 * @param serverUrl the MCP server's URL, covered by the resource
 */
public record GrantTarget(Issuer issuer, EndpointUrl tokenEndpoint, ResourceUri resource, EndpointUrl serverUrl) {

  /**
   * Whether a request to this URL may carry a token of this target's grant: the server's URL, whatever its query, and what is
   * below it.
   *
   * <p>Other servers may be beside this server under the same resource. The metadata that named the issuer belongs to
   * this server alone, and a server may claim a whole origin as its resource. So a grant covers all of its resource
   * only if the server's URL is the resource.
   */
  public boolean covers(EndpointUrl url) {
    return resource.covers(url) && serverUrl.withoutQuery().covers(url);
  }

  /**
   * How near the grant is to the URLs that it covers. Of two that cover one URL, the larger number is the nearer: the one
   * whose server's URL has the longer path and, of equal paths, the one with the nearer resource.
   */
  public long nearness() {
    return (long) serverUrl.pathLength() * (2 * EndpointUrl.MAX_LENGTH + 2) + resource.nearness();
  }

  /** The same with the server's URL as its user writes it now. The two URLs may differ in the query only. */
  GrantTarget servedAt(EndpointUrl url) {
    if (!url.withoutQuery().equals(serverUrl.withoutQuery())) throw new IllegalArgumentException("is another server");
    return new GrantTarget(issuer, tokenEndpoint, resource, url);
  }

  /** The failure of a consent at one URL of a resource whose connection has a grant for the server at another URL. */
  public static Failure serverConflict() {
    return new Failure.BadRequest(ErrorCode.SERVER_CONFLICT,
        "The connection of this resource has a grant that was given "
            + "at another URL of the resource: disconnect it first, start with replace=true to put the new grant in its "
            + "place, or keep a server record for each of the URLs.");
  }

  /** The same with another token endpoint. */
  GrantTarget at(EndpointUrl endpoint) {
    return new GrantTarget(issuer, endpoint, resource, serverUrl);
  }
}
