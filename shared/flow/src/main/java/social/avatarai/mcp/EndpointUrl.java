package social.avatarai.mcp;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * An absolute URL that we may send a request or a browser to, kept exactly as it was written.
 *
 * <p>Only its form is judged here: https, or http to a loopback name (whether loopback is allowed at all is the address
 * policy's word); no user information, no fragment, at most {@value #MAX_LENGTH} characters. One parser reads it, the
 * one the connection is made with, so that a check and a use cannot disagree.
 *
 * @param value the URL, verbatim
 */
public record EndpointUrl(String value) {

  /** The longest URL taken, in characters: longer ones do not survive the gateways on the way. */
  public static final int MAX_LENGTH = 2048;

  public EndpointUrl {
    check(value);
  }

  /** A URL from our own caller's parameter; {@code invalid_url} when it is none. */
  public static EndpointUrl ofParameter(String name, String value) {
    try {
      return new EndpointUrl(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_URL, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  /** A URL from a stranger's document; {@code invalid_metadata} when it is none. */
  public static EndpointUrl ofDocument(String member, String value) {
    try {
      return new EndpointUrl(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
          "The server's " + member + " " + e.getMessage() + ".",
          value);
    }
  }

  public URI uri() {
    return URI.create(value);
  }

  /** Scheme, host and port: lower case, the default port left out (RFC 6454 §6.1). */
  public String origin() {
    var uri = uri();
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int port = uri.getPort();
    boolean isDefault = port == -1 || port == (scheme.equals("https") ? 443 : 80);
    return scheme + "://" + host() + (isDefault ? "" : ":" + port);
  }

  /** The host in lower case, an IPv6 literal in its brackets. */
  public String host() {
    return uri().getHost().toLowerCase(Locale.ROOT);
  }

  /** The path as written, never decoded: "" when there is none. */
  public String path() {
    return uri().getRawPath();
  }

  public boolean isHttps() { return uri().getScheme().equalsIgnoreCase("https"); }

  /** Whether the host is one of the names and literals that mean this machine (RFC 8252 §7.3). */
  public boolean isLoopback() {
    return isLoopbackHost(host());
  }

  /** Whether the other is the same URL: on the same origin, with the same path (one trailing slash aside) and query. */
  public boolean isSame(EndpointUrl other) {
    return origin().equals(other.origin()) && pathWithoutSlash().equals(other.pathWithoutSlash())
        && Objects.equals(uri().getRawQuery(), other.uri().getRawQuery());
  }

  /** The same without its query, otherwise as it was written. */
  public EndpointUrl withoutQuery() {
    int query = value.indexOf('?');
    return query < 0 ? this : new EndpointUrl(value.substring(0, query));
  }

  /**
   * Whether a request to the other is a request to this: the same URL or, where this has no query, one with a query or
   * one below it by path segments, on the same origin.
   */
  public boolean covers(EndpointUrl other) {
    if (uri().getRawQuery() != null) return isSame(other);
    String own = pathWithoutSlash();
    String path = other.pathWithoutSlash();
    return origin().equals(other.origin()) && (path.equals(own) || (path.startsWith(own + "/") && !walksUp(path)));
  }

  /**
   * Whether some server would walk up in this path (RFC 3986 §5.2.4, with the spellings of dots, slashes and path
   * parameters that servers in the field undo first): what is below a URL for us may be beside it there.
   */
  private static boolean walksUp(String path) {
    String seen = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
    return Arrays.stream(seen.split("/")).map(segment -> segment.replaceFirst("(;|%3b).*", ""))
        .anyMatch(segment -> segment.equals("..") || segment.equals("."));
  }

  /** The characters of the path, one trailing slash aside. */
  public int pathLength() {
    return pathWithoutSlash().length();
  }

  private String pathWithoutSlash() {
    return path().endsWith("/") ? path().substring(0, path().length() - 1) : path();
  }

  /** Refuses a query: identifiers such as an issuer have none (RFC 8414 §2). */
  public EndpointUrl requireNoQuery() {
    if (uri().getRawQuery() != null) throw new IllegalArgumentException("must have no query");
    return this;
  }

  private static void check(String value) {
    if (value.isEmpty()) throw new IllegalArgumentException("is empty");
    if (value.length() > MAX_LENGTH) throw new IllegalArgumentException("is longer than " + MAX_LENGTH + " characters");
    // URI lets other characters stand in a path, and the client could not send them as they are (RFC 3986 §2).
    if (!value.chars().allMatch(c -> c < 0x80)) throw new IllegalArgumentException("is not a URL");
    URI uri = parse(value);
    String host = uri.getHost();
    // URI yields no host for what other parsers read as one ("127.1", "https:example.com"): such URLs mean two things.
    if (uri.getScheme() == null || host == null || host.isEmpty()) {
      throw new IllegalArgumentException("is not an absolute URL with a host");
    }
    if (uri.getRawUserInfo() != null) throw new IllegalArgumentException("must have no user information");
    if (uri.getRawFragment() != null) throw new IllegalArgumentException("must have no fragment");
    if (uri.getPort() == 0 || uri.getPort() > 65535) throw new IllegalArgumentException("has a port out of range");
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    boolean loopbackHttp = scheme.equals("http") && isLoopbackHost(host.toLowerCase(Locale.ROOT));
    if (!scheme.equals("https") && !loopbackHttp) throw new IllegalArgumentException("must be an https URL");
  }

  private static URI parse(String value) {
    try {
      return new URI(value);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is not a URL", e);
    }
  }

  private static boolean isLoopbackHost(String host) {
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
  }

  @Override
  public String toString() {
    return value;
  }
}
