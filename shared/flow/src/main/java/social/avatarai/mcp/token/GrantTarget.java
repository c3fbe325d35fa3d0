package social.avatarai.mcp.token;

import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.discovery.StatedEndpoints;

/**
 * The issuer and the resource of a grant. They are recorded when the flow begins and used as recorded, so a later
 * change of the metadata does not redirect a code or a token.
 *
 * @param issuer the authorization server
 * @param tokenEndpoint its token endpoint, from its validated metadata or as the user's record states it
 * @param resource the resource, verbatim as its metadata names it
 * @param serverUrl the MCP server's URL, covered by the resource
 * @param stated what the user's record states about the issuer, whose metadata is then never fetched; null for an issuer
 *        with metadata
 */
public record GrantTarget(Issuer issuer, EndpointUrl tokenEndpoint, ResourceUri resource, EndpointUrl serverUrl,
    @Nullable StatedIssuer stated) {

  /** A target whose issuer has metadata. */
  public GrantTarget(Issuer issuer, EndpointUrl tokenEndpoint, ResourceUri resource, EndpointUrl serverUrl) {
    this(issuer, tokenEndpoint, resource, serverUrl, null);
  }

  /**
   * Under which issuer the client of this grant and its secret are kept. For stated endpoints, a secret that was entered
   * for other endpoints is kept elsewhere.
   */
  public Issuer registeredAt() {
    return stated == null
        ? issuer
        : StatedEndpoints.registeredAt(issuer, tokenEndpoint, stated.revocationEndpoint());
  }

  /**
   * Whether a request to this URL may carry a token of this target's grant. The URL may be the server's URL, with any
   * query, or a URL below it.
   *
   * <p>Other servers may be beside this server under the same resource. The metadata that named the issuer belongs to
   * this server alone, and a server may claim a whole origin as its resource. So a grant covers all of its resource
   * only if the server's URL is the resource.
   */
  public boolean covers(EndpointUrl url) {
    return resource.covers(url) && serverUrl.withoutQuery().covers(url);
  }

  /**
   * How near the grant is to the URLs that it covers. If two grants cover one URL, the grant with the larger number is
   * nearer. That is the grant whose server URL has the longer path. If the paths are equal, the grant with the nearer
   * resource has the larger number.
   */
  public long nearness() {
    return (long) serverUrl.pathLength() * (2 * EndpointUrl.MAX_LENGTH + 2) + resource.nearness();
  }

  /** A copy with the server's URL as its user writes it now. The two URLs may differ only in the query. */
  public GrantTarget servedAt(EndpointUrl url) {
    if (!url.withoutQuery().equals(serverUrl.withoutQuery())) throw new IllegalArgumentException("is another server");
    return new GrantTarget(issuer, tokenEndpoint, resource, url, stated);
  }

  /** A copy without the query of the server's URL, which may hold a key. */
  GrantTarget withoutQuery() {
    return servedAt(serverUrl.withoutQuery());
  }

  /** The failure of a consent at one URL of a resource whose connection has a grant for the server at another URL. */
  public static Failure serverConflict() {
    return new Failure.BadRequest(ErrorCode.SERVER_CONFLICT,
        "The connection of this resource has a grant that was given "
            + "at another URL of the resource: disconnect it first, start with replace=true to put the new grant in its "
            + "place, or keep a server record for each of the URLs.");
  }

  /** A copy with another token endpoint. */
  GrantTarget at(EndpointUrl endpoint) {
    return new GrantTarget(issuer, endpoint, resource, serverUrl, stated);
  }
}
