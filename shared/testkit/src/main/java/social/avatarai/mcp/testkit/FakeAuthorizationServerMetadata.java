package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import social.avatarai.mcp.http.Json;

/** The metadata of the fake authorization server (RFC 8414 §2), at the well-known URLs that the knobs name. */
final class FakeAuthorizationServerMetadata {
  private final AuthorizationServerKnobs knobs;
  private final String origin;

  FakeAuthorizationServerMetadata(AuthorizationServerKnobs knobs, String origin) {
    this.knobs = knobs;
    this.origin = origin;
  }

  /** Whether a client may look for metadata at this path, even if there is none. */
  static boolean isAskedForAt(String path) {
    return path.contains("/.well-known/oauth-authorization-server")
        || path.contains("/.well-known/openid-configuration");
  }

  Response respond(Received request) {
    boolean there = knobs.wellKnown.stream().anyMatch(form -> form.path(knobs.issuerPath).equals(request.path()));
    return there ? Response.json(200, document()) : Response.of(404);
  }

  private ObjectNode document() {
    String issuer = origin + knobs.issuerPath;
    var document = Json.newObject().put("issuer", issuer)
        .put("authorization_endpoint", origin + knobs.pathOf("/authorize"))
        .put("token_endpoint", origin + knobs.pathOf("/token"))
        .put("revocation_endpoint", origin + knobs.pathOf("/revoke"))
        .put("authorization_response_iss_parameter_supported", true);
    if (knobs.registers) document.put("registration_endpoint", origin + knobs.pathOf("/register"));
    if (knobs.accounts.hasUserinfo()) document.put("userinfo_endpoint", issuer + "/userinfo");
    if (knobs.pushedRequests) document.put("pushed_authorization_request_endpoint", issuer + "/par");
    if (knobs.pushedRequestsOnly) document.put("require_pushed_authorization_requests", true);
    if (knobs.clientDocuments) document.put("client_id_metadata_document_supported", true);
    if (!knobs.scopesSupported.isEmpty()) document.set("scopes_supported", array(knobs.scopesSupported));
    document.set("response_types_supported", array(List.of("code")));
    document.set("grant_types_supported", array(knobs.grantTypes));
    document.set("code_challenge_methods_supported", array(List.of("S256")));
    document.set("token_endpoint_auth_methods_supported", array(knobs.authMethods));
    return knobs.metadata.applyTo(document);
  }

  private static ArrayNode array(List<String> values) {
    var array = Json.newObject().arrayNode();
    values.forEach(array::add);
    return array;
  }
}
