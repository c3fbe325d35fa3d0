package social.avatarai.mcp.registration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.Context;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;

/**
 * What we say of ourselves to authorization servers: in a registration (RFC 7591 §2) and in a Client ID Metadata
 * Document. Pure.
 *
 * @param clientName {@code client_name}, shown on consent pages
 * @param fixedDocument the operator's own metadata document, used in place of ours; "" for none
 */
public record ClientMetadata(String clientName, String fixedDocument) {

  /** The body of a registration; all members that servers in the field insist on, whether the RFC does or not. */
  ObjectNode registration(RedirectUri redirectUri, ClientAuthenticationMethod method, Scopes scope) {
    var body = describe(redirectUri, method);
    if (!scope.isEmpty()) body.put("scope", scope.toString());
    return body;
  }

  /** Our Client ID Metadata Document: a public client, for its one redirect URI. */
  public ObjectNode document(String clientId, RedirectUri redirectUri) {
    var document = Json.newObject();
    document.put("client_id", clientId);
    document.setAll(describe(redirectUri, ClientAuthenticationMethod.NONE));
    return document;
  }

  /**
   * The URL that is our client identifier for this issuer; empty when we have none: a metadata document is an https one
   * (Client ID Metadata Document draft, client identifier), which a plain local run cannot offer.
   */
  Optional<String> documentUrl(PublicBase base, Context context) {
    if (!fixedDocument.isEmpty()) return Optional.of(fixedDocument);
    return base.isHttps() ? Optional.of(base.clientMetadata(context)) : Optional.empty();
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
