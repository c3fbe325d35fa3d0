package social.avatarai.mcp.discovery;

import java.util.List;
import java.util.Locale;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;

/**
 * A server's protected resource metadata and how it was found.
 *
 * @param server the MCP server's URL
 * @param metadata the metadata
 * @param found how
 * @param metadataUrl where
 * @param challengedScope the scopes that the server's challenge asked for; none when it asked for none
 */
public record DiscoveredResource(EndpointUrl server, ProtectedResourceMetadata metadata, Found found,
    EndpointUrl metadataUrl, Scopes challengedScope) {

  /** How metadata was found. */
  public enum Found {
    /** At the URL that the server's challenge named. */
    CHALLENGE,
    /** At a well-known URL. */
    WELL_KNOWN,
    /** Not at all: a server of the 2025-03-26 specification, whose own origin is the issuer. */
    LEGACY;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public List<Issuer> issuers() {
    return metadata.authorizationServers();
  }

  public boolean isLegacy() { return found == Found.LEGACY; }

  /** The same, with the server's URL spelled as it is stored; the two are the same URL ({@link EndpointUrl#isSame}). */
  public DiscoveredResource spelledAs(EndpointUrl stored) {
    if (!stored.isSame(server)) throw new IllegalArgumentException("is another URL");
    return new DiscoveredResource(stored, metadata, found, metadataUrl, challengedScope);
  }

  DiscoveredResource challengedFor(Scopes scope) {
    return new DiscoveredResource(server, metadata, found, metadataUrl, scope);
  }
}
