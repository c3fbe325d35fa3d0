package social.avatarai.mcp.discovery;

import java.util.List;
import java.util.stream.Stream;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Issuer;

/** The well-known URLs of metadata, in the order that the MCP specification demands. These functions are pure. */
final class WellKnown {
  private static final String RESOURCE = "/.well-known/oauth-protected-resource";
  private static final String AUTHORIZATION_SERVER = "/.well-known/oauth-authorization-server";
  private static final String OPENID = "/.well-known/openid-configuration";

  private WellKnown() {}

  /** RFC 9728 §3.1: the path-inserted URL, then the root. */
  static List<EndpointUrl> protectedResource(EndpointUrl server) {
    String query = server.uri().getRawQuery();
    String root = server.origin() + RESOURCE;
    String path = trimSlash(server.path()) + (query == null ? "" : "?" + query);
    return path.isEmpty() ? urls(root) : urls(root + path, root);
  }

  /**
   * RFC 8414 §3.1 (path inserted), OpenID Connect Discovery with the path inserted, and with it appended. For an issuer
   * with a path the root is never tried, because the root is another issuer.
   */
  static List<EndpointUrl> authorizationServer(Issuer issuer) {
    String origin = issuer.url().origin();
    String path = trimSlash(issuer.url().path());
    if (path.isEmpty()) {
      return urls(origin + AUTHORIZATION_SERVER, origin + OPENID);
    }
    return urls(origin + AUTHORIZATION_SERVER + path, origin + OPENID + path, origin + path + OPENID);
  }

  /** Drops URLs that are longer than allowed, because nothing can be found there. */
  private static List<EndpointUrl> urls(String... urls) {
    return Stream.of(urls).filter(url -> url.length() <= EndpointUrl.MAX_LENGTH).map(EndpointUrl::new).toList();
  }

  private static String trimSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
