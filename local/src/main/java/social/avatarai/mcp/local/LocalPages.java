package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;

/**
 * The local runner's own small pages: the one that stands in for the app's {@code return_to} page and completes as the
 * local user, and its script.
 */
final class LocalPages {
  static final String RETURN_PATH = "/local/return";
  private static final Map<String, String> TYPES = Map.of(RETURN_PATH, "text/html; charset=utf-8",
      RETURN_PATH + ".js", "text/javascript; charset=utf-8");
  private static final Map<String, String> FILES = Map.of(RETURN_PATH, "/local/return.html", RETURN_PATH + ".js",
      "/local/return.js");

  /** Answers a request for one of the pages; false when it is for none. */
  boolean serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (!exchange.getRequestMethod().equals("GET") || !FILES.containsKey(path)) return false;
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", Objects.requireNonNull(TYPES.get(path)));
    headers.set("Content-Security-Policy",
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    headers.set("Cache-Control", "no-store");
    LocalFront.send(exchange, 200, read(Objects.requireNonNull(FILES.get(path))));
    return true;
  }

  private static String read(String resource) {
    try (var stream = Objects.requireNonNull(LocalPages.class.getResourceAsStream(resource), resource)) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
