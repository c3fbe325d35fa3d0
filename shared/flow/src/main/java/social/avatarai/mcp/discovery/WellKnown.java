package social.avatarai.mcp.discovery;

import java.util.List;

import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

/** Where metadata is looked for, in the order the MCP specification demands. Pure. */
final class WellKnown {
  private static final String RESOURCE = "/.well-known/oauth-protected-resource";
  private static final String AUTHORIZATION_SERVER = "/.well-known/oauth-authorization-server";
  private static final String OPENID = "/.well-known/openid-configuration";

  private WellKnown() {}

  /** RFC 9728 §3.1: the path-inserted form, then the root. */
  static List<EndpointUrl> protectedResource(EndpointUrl server) {
    String query = server.uri().getRawQuery();
    var root = new EndpointUrl(server.origin() + RESOURCE);
    String path = trimSlash(server.path()) + (query == null ? "" : "?" + query);
    return path.isEmpty() ? List.of(root) : List.of(new EndpointUrl(server.origin() + RESOURCE + path), root);
  }

  /**
   * RFC 8414 §3.1 (path inserted), OpenID Connect Discovery with the path inserted, and with it appended. An issuer with
   * a path is never looked for at the root: that would be another issuer.
   */
  static List<EndpointUrl> authorizationServer(Issuer issuer) {
    String origin = issuer.url().origin();
    String path = trimSlash(issuer.url().path());
    if (path.isEmpty()) {
      return List.of(new EndpointUrl(origin + AUTHORIZATION_SERVER), new EndpointUrl(origin + OPENID));
    }
    return List.of(new EndpointUrl(origin + AUTHORIZATION_SERVER + path), new EndpointUrl(origin + OPENID + path),
        new EndpointUrl(origin + path + OPENID));
  }

  private static String trimSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
