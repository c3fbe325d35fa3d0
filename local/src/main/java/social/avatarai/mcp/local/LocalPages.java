package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The local runner's own pages: the start page, the return page with its parts, and the documentation. The return page
 * stands in for the app's {@code return_to} page and completes flows as the local user.
 */
final class LocalPages {
  static final String START_PATH = "/";
  static final String RETURN_PATH = "/local/return";
  private static final Set<String> METHODS = Set.of("GET", "HEAD");
  private static final String HTML = "text/html; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";
  private static final String STYLE = "text/css; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Map<String, Page> pages = new HashMap<>();

  /** The content of a path, which is read when it is asked for. */
  private record Page(String type, Body body) {}

  /** Reads the content. */
  private interface Body {
    String read() throws IOException;
  }

  LocalPages(StartPage start) {
    pages.put(START_PATH, new Page(HTML, start::html));
    pages.put(RETURN_PATH, new Page(HTML, () -> resource("return.html")));
    pages.put("/local/start.js", new Page(SCRIPT, () -> resource("start.js")));
    pages.put("/local/return.js", new Page(SCRIPT, () -> resource("return.js")));
    pages.put("/favicon.ico", new Page("image/svg+xml", () -> resource("icon.svg")));
    pages.put("/local/style.css", new Page(STYLE, () -> resource("style.css")));
    start.documents()
        .forEach(
            (name, file) -> pages.put(StartPage.DOCUMENTS_PATH + name, new Page(TEXT, () -> Files.readString(file))));
  }

  /** Whether a page for people is at this path. */
  boolean isPage(String path) {
    return path.equals(START_PATH) || path.equals(RETURN_PATH);
  }

  /** Whether a request is for one of the pages or their parts. */
  boolean has(String method, String path) {
    return pages.containsKey(path) && METHODS.contains(method);
  }

  /** Responds to a request for one of the pages; false if it is for none. */
  boolean serve(HttpExchange exchange) throws IOException {
    var page = pages.get(exchange.getRequestURI().getRawPath());
    if (page == null || !has(exchange.getRequestMethod(), exchange.getRequestURI().getRawPath())) return false;
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", page.type());
    headers.set("Content-Security-Policy",
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self';"
            + " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    headers.set("Cache-Control", "no-store");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("X-Content-Type-Options", "nosniff");
    LocalFront.send(exchange, 200, page.body().read());
    return true;
  }

  static String resource(String name) {
    try (var stream = Objects.requireNonNull(LocalPages.class.getResourceAsStream("/local/" + name), name)) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
