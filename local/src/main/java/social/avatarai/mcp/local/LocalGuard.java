package social.avatarai.mcp.local;

import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.util.List;
import java.util.Set;

/**
 * Keeps other web pages out. The local front takes everybody's word for who they are, so that a page in the developer's
 * browser could act as any user: requests must be for a name of ours (no DNS rebinding) and, where they name an origin,
 * from one of ours or one that {@code CORS_ORIGINS} lists, which is answered as API Gateway would.
 */
final class LocalGuard {
  private final Set<String> hosts;
  private final String own;
  private final List<String> corsOrigins;

  LocalGuard(String publicBaseUrl, int port, List<String> corsOrigins) {
    this.hosts = Set.copyOf(List.of("localhost:" + port, "127.0.0.1:" + port,
        URI.create(publicBaseUrl).getRawAuthority()));
    this.own = publicBaseUrl;
    this.corsOrigins = List.copyOf(corsOrigins);
  }

  boolean admits(HttpExchange exchange) {
    String host = exchange.getRequestHeaders().getFirst("Host");
    if (host == null || !hosts.contains(host)) return false;
    String origin = exchange.getRequestHeaders().getFirst("Origin");
    if (origin == null) return isOurs(exchange);
    if (origin.equals(own)) return true;
    if (!corsOrigins.contains(origin)) return false;
    var headers = exchange.getResponseHeaders();
    headers.set("Access-Control-Allow-Origin", origin);
    headers.set("Access-Control-Allow-Credentials", "true");
    headers.set("Access-Control-Allow-Methods", "GET,POST,PUT,DELETE,OPTIONS");
    headers.set("Access-Control-Allow-Headers", "authorization,content-type,x-local-user,x-local-scope");
    headers.set("Vary", "Origin");
    return true;
  }

  /** A GET names no origin, but a browser says whether another site makes it; only the way back from consent may be so. */
  private static boolean isOurs(HttpExchange exchange) {
    String site = exchange.getRequestHeaders().getFirst("Sec-Fetch-Site");
    return site == null || site.equals("same-origin") || site.equals("none")
        || exchange.getRequestURI().getPath().startsWith("/api/mcp/oauth/callback");
  }

  boolean isPreflight(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("OPTIONS")
        && exchange.getRequestHeaders().containsKey("Access-Control-Request-Method");
  }
}
