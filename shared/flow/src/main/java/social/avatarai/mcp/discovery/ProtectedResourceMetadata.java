package social.avatarai.mcp.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.http.Json;

/**
 * The metadata of a protected resource (RFC 9728 §2).
 *
 * <p>Not supported: {@code signed_metadata} (RFC 9728 §2.2) is ignored.
 *
 * @param resource {@code resource}, required; covers the server's URL
 * @param authorizationServers {@code authorization_servers}, required here, at least one
 * @param scopesSupported {@code scopes_supported}; none when absent
 * @param document the whole document, attacker-controlled
 */
public record ProtectedResourceMetadata(ResourceUri resource, List<Issuer> authorizationServers, Scopes scopesSupported,
    ObjectNode document) {

  public ProtectedResourceMetadata {
    authorizationServers = List.copyOf(authorizationServers);
  }

  /** Checks and reads a document that was found for this server. */
  static ProtectedResourceMetadata judge(EndpointUrl server, ObjectNode document) {
    String named = Json.text(document, "resource").orElseThrow(() -> broken("names no resource"));
    var resource = ResourceUri.ofDocument("resource", named);
    // RFC 9728 §3.3: metadata for another resource must not be used.
    if (!resource.covers(server)) {
      throw new Failure.ProtocolBroken(ErrorCode.RESOURCE_MISMATCH,
          "The server's protected resource metadata is for another resource.", named);
    }
    return new ProtectedResourceMetadata(resource, issuers(document), scopes(document), document);
  }

  /**
   * The default metadata for a server of the 2025-03-26 specification: the server's own origin is the issuer. The
   * resource has no query: it goes to the issuer and through the browser, and the query of a user's URL may hold a key.
   */
  static ProtectedResourceMetadata legacy(EndpointUrl url) {
    var server = url.withoutQuery();
    var document = Json.newObject();
    document.put("resource", server.value());
    document.putArray("authorization_servers").add(server.origin());
    return new ProtectedResourceMetadata(resource(server), List.of(new Issuer(server.origin())), Scopes.none(),
        document);
  }

  private static ResourceUri resource(EndpointUrl server) {
    if (server.value().length() <= ResourceUri.MAX_LENGTH) return new ResourceUri(server.value());
    throw new Failure.BadRequest(ErrorCode.INVALID_URL,
        "The server publishes no resource metadata, and its URL is too long for a resource: it is longer than "
            + ResourceUri.MAX_LENGTH + " characters.");
  }

  private static List<Issuer> issuers(ObjectNode document) {
    var issuers = new ArrayList<Issuer>();
    JsonNode named = document.path("authorization_servers");
    if (!named.isArray()) throw broken("names no authorization server");
    for (JsonNode entry : named) {
      if (!entry.isTextual()) throw broken("names an authorization server that is no text");
      issuers.add(Issuer.ofDocument("authorization server", entry.textValue()));
    }
    if (issuers.isEmpty()) throw broken("names no authorization server");
    return issuers;
  }

  private static Scopes scopes(ObjectNode document) {
    return Scopes.lenient(AuthorizationServerMetadata.texts(document, "scopes_supported"));
  }

  private static Failure broken(String what) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
        "The server's protected resource metadata " + what + ".", "");
  }
}
