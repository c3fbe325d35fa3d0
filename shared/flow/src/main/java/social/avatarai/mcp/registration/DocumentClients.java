package social.avatarai.mcp.registration;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Invocation;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.AuthorizationServerMetadata;
import social.avatarai.mcp.http.Outbound;

/**
 * Our client identity by a Client ID Metadata Document, for issuers that support it. The document is our own document
 * for the issuer, or the document that the operator publishes instead.
 */
public final class DocumentClients {
  private final ClientMetadata metadata;
  private final @Nullable FixedDocument fixed;

  public DocumentClients(ClientMetadata metadata, Outbound outbound, Clock clock) {
    this.metadata = metadata;
    this.fixed = metadata.fixedDocumentUrl().map(url -> new FixedDocument(url, outbound, clock)).orElse(null);
  }

  /** The client; empty if the issuer does not support documents, or would not accept our document. */
  Optional<ClientRegistration> registration(AuthorizationServerMetadata server, Invocation at) {
    // An issuer that lists methods without "none" would refuse the document.
    boolean takesPublic = server.tokenEndpointAuthMethods().isEmpty()
        || server.tokenEndpointAuthMethods().contains(ClientAuthenticationMethod.NONE.wireName());
    if (!server.takesClientMetadataDocuments() || !takesPublic) return Optional.empty();
    var context = IssuerContext.of(server.issuer());
    var redirectUri = at.base().callback(context);
    return metadata.documentUrl(at.base(), context).filter(_ -> isAccepted(redirectUri, at.deadline()))
        .map(url -> registration(server, url, redirectUri));
  }

  /** A document for one issuer always lists our redirect URI. The fixed document must be checked. */
  private boolean isAccepted(RedirectUri redirectUri, Deadline deadline) {
    return fixed == null || fixed.isUsableFor(redirectUri, deadline);
  }

  private static ClientRegistration registration(AuthorizationServerMetadata server, EndpointUrl url,
      RedirectUri redirectUri) {
    var client = new ClientIdentity(Owner.deployment(), ClientIdentity.Origin.METADATA_DOCUMENT,
        new ClientId(url.value()), ClientAuthenticationMethod.NONE);
    return new ClientRegistration(server.issuer(), client, List.of(redirectUri), Scopes.none(), null);
  }
}
