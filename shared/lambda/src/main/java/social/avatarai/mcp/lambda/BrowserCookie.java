package social.avatarai.mcp.lambda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import social.avatarai.mcp.BrowserKey;
import social.avatarai.mcp.PublicBase;

/**
 * The cookie that holds the browser's key: {@code __Host-mcp}, which no other subdomain can set. On a plain-http local
 * base URL, where browsers refuse the prefix, its name is {@code mcp}.
 */
final class BrowserCookie {
  private static final int MAX_AGE_SECONDS = 30 * 24 * 3600;

  private BrowserCookie() {}

  /** The key from the cookies of an event. Two different values count as none. */
  static Optional<BrowserKey> read(List<String> cookies, Optional<String> header, PublicBase base) {
    String prefix = name(base) + "=";
    var all = new ArrayList<String>(cookies);
    header.ifPresent(line -> all.addAll(List.of(line.split(";", -1))));
    var values = all.stream().map(String::strip).filter(cookie -> cookie.startsWith(prefix))
        .map(cookie -> cookie.substring(prefix.length())).distinct().toList();
    if (values.size() != 1) return Optional.empty();
    return Optional.of(values.getFirst())
        .filter(value -> !value.isEmpty() && value.length() <= BrowserKey.MAX_LENGTH).map(BrowserKey::new);
  }

  /** The value of {@code Set-Cookie} that stores the key in the browser. */
  static String write(BrowserKey key, PublicBase base) {
    return name(base) + "=" + key.reveal() + "; Path=/; Max-Age=" + MAX_AGE_SECONDS + "; HttpOnly; SameSite=Lax"
        + (base.isHttps() ? "; Secure" : "");
  }

  private static String name(PublicBase base) {
    return base.isHttps() ? "__Host-mcp" : "mcp";
  }
}
