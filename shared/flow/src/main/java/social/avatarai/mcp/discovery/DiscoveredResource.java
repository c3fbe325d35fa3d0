package social.avatarai.mcp.discovery;

import java.util.List;
import java.util.Locale;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;

/**
 * The protected resource metadata of a server, and how the metadata was found.
 *
 * @param server the MCP server's URL
 * @param metadata the metadata
 * @param found how the metadata was found
 * @param metadataUrl where the metadata was found
 * @param challengedScope the scopes that the server's challenge asked for; may be none
 */
public record DiscoveredResource(EndpointUrl server, ProtectedResourceMetadata metadata, Found found,
    EndpointUrl metadataUrl, Scopes challengedScope) {

  /** How metadata was found. */
  public enum Found {
    /** At the URL that the server's challenge named. */
    CHALLENGE,
    /** At a well-known URL. */
    WELL_KNOWN,
    /** The server publishes no metadata: a server of the 2025-03-26 specification, whose own origin is the issuer. */
    LEGACY;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A server that publishes no metadata, or whose metadata is not known. */
  public static DiscoveredResource unpublished(EndpointUrl server) {
    return new DiscoveredResource(server, ProtectedResourceMetadata.legacy(server), Found.LEGACY, server,
        Scopes.none());
  }

  public List<Issuer> issuers() {
    return metadata.authorizationServers();
  }

  public boolean isLegacy() { return found == Found.LEGACY; }

  /**
   * This resource with the stored spelling of the server's URL. Both spellings are the same URL
   * ({@link EndpointUrl#isSame}).
   */
  public DiscoveredResource spelledAs(EndpointUrl stored) {
    if (!stored.isSame(server)) throw new IllegalArgumentException("is another URL");
    return new DiscoveredResource(stored, metadata, found, metadataUrl, challengedScope);
  }

  DiscoveredResource challengedFor(Scopes scope) {
    return new DiscoveredResource(server, metadata, found, metadataUrl, scope);
  }
}
