package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;

/**
 * What we say of ourselves to authorization servers: in a registration (RFC 7591 §2) and in a Client ID Metadata
 * Document. Pure.
 *
 * @param clientName {@code client_name}, shown on consent pages
 * @param published where the operator publishes our documents; null for our own addresses
 */
public record ClientMetadata(String clientName, @Nullable ClientMetadataUrl published) {

  /** The body of a registration; all members that servers in the field insist on, whether the RFC does or not. */
  ObjectNode registration(RedirectUri redirectUri, ClientAuthenticationMethod method, Scopes scope) {
    var body = describe(redirectUri, method);
    if (!scope.isEmpty()) body.put("scope", scope.toString());
    return body;
  }

  /** Our Client ID Metadata Document for one issuer, at whichever address it is published. */
  public ObjectNode documentOf(PublicBase base, IssuerContext context) {
    String clientId = published == null || published.isFixed()
        ? base.clientMetadata(context)
        : published.of(context).value();
    return document(clientId, base.callback(context));
  }

  /**
   * The document with the plain callback. We never send its address to an issuer; a person may register it by hand at an
   * issuer that is allowed the plain callback.
   */
  public ObjectNode documentByHand(PublicBase base) {
    return document(base.plainClientMetadata(), base.plainCallback());
  }

  /**
   * The URL that is our client identifier for this issuer; empty when we have none: a metadata document is an https one
   * (Client ID Metadata Document draft, client identifier), which a plain local run cannot offer.
   */
  Optional<EndpointUrl> documentUrl(PublicBase base, IssuerContext context) {
    if (published != null) return Optional.of(published.of(context));
    return base.isHttps() ? Optional.of(new EndpointUrl(base.clientMetadata(context))) : Optional.empty();
  }

  /** The one document that the operator publishes for all issuers, if that is what they do. */
  Optional<EndpointUrl> fixedDocumentUrl() {
    return Optional.ofNullable(published).filter(ClientMetadataUrl::isFixed).map(url -> new EndpointUrl(url.value()));
  }

  /** A public client, for its one redirect URI. */
  private ObjectNode document(String clientId, RedirectUri redirectUri) {
    var document = Json.newObject();
    document.put("client_id", clientId);
    document.setAll(describe(redirectUri, ClientAuthenticationMethod.NONE));
    return document;
  }

  private ObjectNode describe(RedirectUri redirectUri, ClientAuthenticationMethod method) {
    var body = Json.newObject();
    body.put("client_name", clientName);
    body.putArray("redirect_uris").add(redirectUri.value());
    List.of("authorization_code", "refresh_token").forEach(body.putArray("grant_types")::add);
    body.putArray("response_types").add("code");
    body.put("token_endpoint_auth_method", method.wire());
    body.put("application_type", redirectUri.applicationType());
    return body;
  }
}
