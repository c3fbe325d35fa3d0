package social.avatarai.mcp.discovery;

import java.util.List;
import java.util.stream.Stream;
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
    String root = server.origin() + RESOURCE;
    String path = trimSlash(server.path()) + (query == null ? "" : "?" + query);
    return path.isEmpty() ? urls(root) : urls(root + path, root);
  }

  /**
   * RFC 8414 §3.1 (path inserted), OpenID Connect Discovery with the path inserted, and with it appended. An issuer with
   * a path is never looked for at the root: that would be another issuer.
   */
  static List<EndpointUrl> authorizationServer(Issuer issuer) {
    String origin = issuer.url().origin();
    String path = trimSlash(issuer.url().path());
    if (path.isEmpty()) {
      return urls(origin + AUTHORIZATION_SERVER, origin + OPENID);
    }
    return urls(origin + AUTHORIZATION_SERVER + path, origin + OPENID + path, origin + path + OPENID);
  }

  /** Without those that are longer than a URL may be: there is nothing to be found at them. */
  private static List<EndpointUrl> urls(String... urls) {
    return Stream.of(urls).filter(url -> url.length() <= EndpointUrl.MAX_LENGTH).map(EndpointUrl::new).toList();
  }

  private static String trimSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
