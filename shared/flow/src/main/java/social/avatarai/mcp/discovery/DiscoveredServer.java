package social.avatarai.mcp.discovery;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

/**
 * The metadata of an authorization server, and where it comes from.
 *
 * @param metadata the metadata
 * @param source where the metadata comes from
 * @param metadataUrl where the metadata was found; null if it was not fetched
 */
public record DiscoveredServer(AuthorizationServerMetadata metadata, Source source,
    @Nullable EndpointUrl metadataUrl) {

  /** Where metadata comes from. */
  public enum Source {
    /** The authorization server publishes it. */
    PUBLISHED,
    /** A provider profile has it, because the provider publishes none. */
    PROFILE,
    /** The user's own server record states the endpoints. */
    RECORD,
    /** The default endpoints of a server of the 2025-03-26 specification that publishes none. No secret goes there. */
    GUESSED;

    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static DiscoveredServer published(AuthorizationServerMetadata metadata, EndpointUrl url) {
    return new DiscoveredServer(metadata, Source.PUBLISHED, url);
  }

  static DiscoveredServer guessed(Issuer issuer) {
    return new DiscoveredServer(AuthorizationServerMetadata.legacy(issuer), Source.GUESSED, null);
  }

  /** The endpoints that a user's own server record states. */
  public static DiscoveredServer stated(Issuer issuer, StatedEndpoints endpoints) {
    return new DiscoveredServer(AuthorizationServerMetadata.stated(issuer, endpoints), Source.RECORD, null);
  }
}
