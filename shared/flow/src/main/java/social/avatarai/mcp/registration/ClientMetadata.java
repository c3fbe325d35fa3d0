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
 * The client metadata of this deployment, for registrations (RFC 7591 §2) and for Client ID Metadata Documents. Pure.
 *
 * @param clientName {@code client_name}, shown on consent pages
 * @param published where the operator publishes our documents; null for our own addresses
 */
public record ClientMetadata(String clientName, @Nullable ClientMetadataUrl published) {

  /** The body of a registration, with all members that real servers insist on, even if the RFC does not. */
  ObjectNode registration(RedirectUri redirectUri, ClientAuthenticationMethod method, Scopes scope) {
    var body = describe(redirectUri, method);
    if (!scope.isEmpty()) body.put("scope", scope.toString());
    return body;
  }

  /** Our Client ID Metadata Document for one issuer, wherever it is published. */
  public ObjectNode documentOf(PublicBase base, IssuerContext context) {
    String clientId = published == null || published.isFixed()
        ? base.clientMetadata(context)
        : published.of(context).value();
    return document(clientId, base.callback(context));
  }

  /**
   * The document with the plain callback. We never send its address to an issuer; a person may register it by hand at
   * an issuer that is allowed the plain callback.
   */
  public ObjectNode documentByHand(PublicBase base) {
    return document(base.plainClientMetadata(), base.plainCallback());
  }

  /**
   * The URL that is our client identifier for this issuer. Empty if this deployment has no https address: a metadata
   * document needs one (Client ID Metadata Document draft, client identifier), and a local run has none.
   */
  Optional<EndpointUrl> documentUrl(PublicBase base, IssuerContext context) {
    if (published != null) return Optional.of(published.of(context));
    return base.isHttps() ? Optional.of(new EndpointUrl(base.clientMetadata(context))) : Optional.empty();
  }

  /** The one document for all issuers, if the operator publishes one. */
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
    body.put("token_endpoint_auth_method", method.wireName());
    body.put("application_type", redirectUri.applicationType());
    return body;
  }
}
