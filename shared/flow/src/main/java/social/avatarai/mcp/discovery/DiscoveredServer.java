package social.avatarai.mcp.discovery;

import social.avatarai.mcp.EndpointUrl;

/**
 * The metadata of an authorization server, and where the metadata was found.
 *
 * @param metadata the metadata
 * @param metadataUrl where the metadata was found
 */
public record DiscoveredServer(AuthorizationServerMetadata metadata, EndpointUrl metadataUrl) {}
