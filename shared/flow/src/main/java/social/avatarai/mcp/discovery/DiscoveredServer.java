package social.avatarai.mcp.discovery;

import social.avatarai.mcp.EndpointUrl;

/**
 * An authorization server's metadata and where it was found.
 *
 * @param metadata the metadata
 * @param metadataUrl where
 */
public record DiscoveredServer(AuthorizationServerMetadata metadata, EndpointUrl metadataUrl) {}
