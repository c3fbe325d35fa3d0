package social.avatarai.mcp.local;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.Journal;

/**
 * Keeps other web pages out. The local front believes every caller, so a page in the developer's browser could act as
 * any user. A request must name a host of ours, which stops DNS rebinding. A request that comes through a tunnel or a
 * proxy may come from any program, so it reaches only our pages and what is public on AWS too. Of the requests that
 * pages of other origins send, two kinds are allowed: calls from the origins in {@code CORS_ORIGINS}, which get the
 * same response as from API Gateway, and a top-level navigation to a page for people, because authorization servers and
 * apps send browsers there.
 *
 * <p>The browser itself says which page made a request, with {@code Origin} and the headers of Fetch Metadata, which no
 * page can change. A request without these headers comes from a program or from a browser older than 2023.
 */
final class LocalGuard {
  /** The values of Sec-Fetch-Site for our own pages and for the user; "" if the header is absent. */
  private static final Set<String> OUR_SITES = Set.of("", "same-origin", "none");
  /** The headers that tunnels and proxies add to a request (RFC 7239, and the older headers). */
  private static final List<String> FORWARDED = List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host");
  private static final List<String> SAYING_WHENCE = List.of("Host", "Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode",
      "Sec-Fetch-Dest");

  private final String base;
  private final Set<String> ownHosts;
  private final String baseHost;
  private final List<String> corsOrigins;
  private final Entrances entrances;
  private final Journal journal;

  LocalGuard(String base, int port, List<String> corsOrigins, Entrances entrances, Journal journal) {
    this.base = base;
    this.ownHosts = Set.of("localhost:" + port, "127.0.0.1:" + port);
    this.baseHost = URI.create(base).getRawAuthority();
    this.corsOrigins = List.copyOf(corsOrigins);
    this.entrances = entrances;
    this.journal = journal;
  }

  /** Allows a request, or returns the reason for refusing it, which is also logged. */
  Optional<LocalRefusal> judge(HttpExchange exchange) {
    var refusal = refusal(exchange);
    refusal.ifPresent(reason -> journal.write("request_refused", facts(exchange, reason)));
    return refusal;
  }

  String describe(LocalRefusal refusal) {
    return refusal.description(base);
  }

  private Optional<LocalRefusal> refusal(HttpExchange exchange) {
    var headers = exchange.getRequestHeaders();
    String host = header(headers, "Host");
    String origin = header(headers, "Origin");
    if (!ownHosts.contains(host) && !host.equals(baseHost)) return Optional.of(LocalRefusal.FOREIGN_HOST);
    if (isFromOutside(headers, host) && !entrances.isPublic(exchange.getRequestMethod(), path(exchange))) {
      return Optional.of(LocalRefusal.PUBLIC_ADDRESS);
    }
    if (isNavigationToPage(exchange) || origin.equals(base) || origin.equals("http://" + host)) return Optional.empty();
    if (corsOrigins.contains(origin)) {
      allow(origin, exchange.getResponseHeaders());
      return Optional.empty();
    }
    if (!origin.isEmpty()) return Optional.of(LocalRefusal.FOREIGN_ORIGIN);
    // A GET often names no origin. Fetch Metadata §2.4: `none` is an action of the user, in the address bar or by a
    // bookmark.
    return OUR_SITES.contains(header(headers, "Sec-Fetch-Site"))
        ? Optional.empty()
        : Optional.of(LocalRefusal.FOREIGN_SITE);
  }

  /** The facts for the log. The query is not among them, because it may hold a code. */
  private static Map<String, String> facts(HttpExchange exchange, LocalRefusal refusal) {
    var facts = new LinkedHashMap<String, String>();
    facts.put("reason", refusal.word());
    facts.put("method", exchange.getRequestMethod());
    facts.put("path", path(exchange));
    SAYING_WHENCE.stream().filter(exchange.getRequestHeaders()::containsKey)
        .forEach(name -> facts.put(name.toLowerCase(Locale.ROOT), header(exchange.getRequestHeaders(), name)));
    return facts;
  }

  boolean isPreflight(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("OPTIONS")
        && exchange.getRequestHeaders().containsKey("Access-Control-Request-Method");
  }

  /**
   * Whether the browser's own window navigates to a page, from any site. A frame, a form that posts, a picture, a
   * script and a prefetch by {@code <link>} differ in at least one of these headers.
   */
  private boolean isNavigationToPage(HttpExchange exchange) {
    var headers = exchange.getRequestHeaders();
    return exchange.getRequestMethod().equals("GET") && header(headers, "Sec-Fetch-Mode").equals("navigate")
        && header(headers, "Sec-Fetch-Dest").equals("document") && entrances.isForPeople(path(exchange));
  }

  /**
   * Whether the request came through a proxy, or to a {@code PUBLIC_BASE_URL} whose host is no name of this machine.
   */
  private boolean isFromOutside(Headers headers, String host) {
    boolean atPublicAddress = host.equals(baseHost) && !ownHosts.contains(host)
        && !isLocalName(URI.create(base).getHost());
    return atPublicAddress || FORWARDED.stream().anyMatch(headers::containsKey);
  }

  /** {@code localhost} and the names below it (RFC 6761 §6.3), and the loopback addresses. */
  private static boolean isLocalName(String host) {
    return host.equals("localhost") || host.endsWith(".localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
  }

  private static String path(HttpExchange exchange) {
    return exchange.getRequestURI().getRawPath();
  }

  private static void allow(String origin, Headers headers) {
    headers.set("Access-Control-Allow-Origin", origin);
    headers.set("Access-Control-Allow-Credentials", "true");
    headers.set("Access-Control-Allow-Methods", "GET,POST,PUT,DELETE,OPTIONS");
    headers.set("Access-Control-Allow-Headers",
        "authorization,content-type,if-match,if-none-match,mcp-protocol-version,mcp-method,mcp-name,mcp-session-id,"
            + "x-local-user,x-local-scope");
    headers.set("Access-Control-Expose-Headers", "etag,mcp-session-id");
    headers.set("Vary", "Origin");
  }

  private static String header(Headers headers, String name) {
    return Optional.ofNullable(headers.getFirst(name)).orElse("");
  }
}
