package social.avatarai.mcp.testkit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.Json;

/** The metadata of the fake MCP server as a protected resource (RFC 9728 §2). */
final class FakeProtectedResourceMetadata {
  private final McpServerKnobs knobs;
  private final String url;

  FakeProtectedResourceMetadata(McpServerKnobs knobs, String url) {
    this.knobs = knobs;
    this.url = url;
  }

  /** Whether a client may look for metadata at this path, even if there is none. */
  boolean isAskedForAt(String path) {
    return path.contains(McpServerKnobs.WELL_KNOWN) || knobs.metadataPathsOrDefault().contains(path);
  }

  Response respond(Received request, @Nullable FakeAuthorizationServer protector) {
    if (protector == null || !isThere(request)) return Response.of(404);
    return knobs.metadataResponse == null ? Response.json(200, document(protector, request)) : knobs.metadataResponse;
  }

  private boolean isThere(Received request) {
    return knobs.metadataAnywhere || knobs.metadataPathsOrDefault().contains(request.path());
  }

  private String resource(Received request) {
    if (!knobs.echoesResource) return knobs.resource == null ? url : knobs.resource;
    String origin = url.substring(0, url.length() - knobs.path.length());
    String query = request.rawQuery().isEmpty() ? "" : "?" + request.rawQuery();
    return origin + request.path().replaceFirst(Pattern.quote(McpServerKnobs.WELL_KNOWN), "") + query;
  }

  private ObjectNode document(FakeAuthorizationServer protector, Received request) {
    var issuers = knobs.authorizationServers.isEmpty() ? List.of(protector.issuer()) : knobs.authorizationServers;
    var document = Json.newObject().put("resource", resource(request));
    issuers.forEach(document.putArray("authorization_servers")::add);
    document.putArray("bearer_methods_supported").add("header");
    return knobs.metadata.applyTo(document);
  }
}
