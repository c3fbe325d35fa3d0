package social.avatarai.mcp;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An absolute URL to which we may send a request or a browser. The text is kept exactly as it was written.
 *
 * <p>This class checks only the form: https, or http to a loopback name; no user information, no fragment, at most
 * {@value #MAX_LENGTH} characters. The address policy decides whether loopback is allowed. The check and the connection
 * use the same parser, so that they cannot disagree.
 *
 * <p>This class is no record, because it keeps the parsed URL beside the text: a call asks for its parts many times.
 */
public final class EndpointUrl {

  /** The maximum length in characters. Gateways on the way refuse longer URLs. */
  public static final int MAX_LENGTH = 2048;

  /** Stands for a query that is not shown. */
  public static final String HIDDEN_QUERY = "?***";

  private static final Pattern LOOPBACK_LITERAL = Pattern.compile("127(\\.\\d{1,3}){3}");

  private final String value;
  private final URI uri;

  /** @param value the URL, verbatim */
  public EndpointUrl(String value) {
    this.value = value;
    this.uri = checked(value);
  }

  /** The URL, verbatim. */
  public String value() {
    return value;
  }

  /**
   * A URL from our own caller's parameter. Fails with {@code invalid_url} if the value is invalid, or if it is a
   * {@link #redacted redacted} URL, which leads nowhere.
   */
  public static EndpointUrl ofParameter(String name, String value) {
    try {
      return new EndpointUrl(value).requireWhole();
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_URL, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  /** This URL, which must not be a {@link #redacted redacted} one. */
  public EndpointUrl requireWhole() {
    if (!isRedacted()) return this;
    throw new IllegalArgumentException("hides its query: send the whole URL");
  }

  /**
   * A URL from another party's document. Fails with {@code invalid_metadata} if the value is invalid, or if it holds a
   * secret of this invocation.
   */
  public static EndpointUrl ofDocument(String member, String value) {
    try {
      return new EndpointUrl(InvocationSecrets.requireNoneIn(value));
    } catch (IllegalArgumentException e) {
      throw new Failure.ProtocolBroken(ErrorCode.INVALID_METADATA,
          "The server's " + member + " " + e.getMessage() + ".",
          value);
    }
  }

  public URI uri() {
    return uri;
  }

  /** Scheme, host and port in lower case, without the default port (RFC 6454 §6.1). */
  public String origin() {
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int port = uri.getPort();
    boolean isDefault = port == -1 || port == (scheme.equals("https") ? 443 : 80);
    return scheme + "://" + host() + (isDefault ? "" : ":" + port);
  }

  /** The host in lower case; an IPv6 literal keeps its brackets. */
  public String host() {
    return uri.getHost().toLowerCase(Locale.ROOT);
  }

  /** The path as written, never decoded; "" if there is no path. */
  public String path() {
    return uri.getRawPath();
  }

  public boolean isHttps() { return uri.getScheme().equalsIgnoreCase("https"); }

  /** Whether the host is one of the names and literals for this machine (RFC 8252 §7.3). */
  public boolean isLoopback() {
    return isLoopbackHost(host());
  }

  /** Whether the other URL has the same origin, path and query. One trailing slash of the path does not count. */
  public boolean isSame(EndpointUrl other) {
    return origin().equals(other.origin()) && pathWithoutSlash().equals(other.pathWithoutSlash())
        && Objects.equals(uri.getRawQuery(), other.uri.getRawQuery());
  }

  /** Whether the paths of the two URLs differ in one trailing slash. The queries are not compared. */
  public boolean isOtherSlashOf(EndpointUrl other) {
    return !path().equals(other.path()) && withoutQuery().isSame(other.withoutQuery());
  }

  /** This URL without the query, otherwise as it was written. */
  public EndpointUrl withoutQuery() {
    int query = value.indexOf('?');
    return query < 0 ? this : new EndpointUrl(value.substring(0, query));
  }

  /** The query with its question mark; "" for a URL without a query. */
  public String queryPart() {
    return value.substring(withoutQuery().value.length());
  }

  /** This URL with another query. */
  public EndpointUrl withQueryPart(String queryPart) {
    return new EndpointUrl(withoutQuery().value + queryPart);
  }

  /**
   * The text to show. The whole query is hidden, because it may hold a key, such as {@code ?api_key=…}. Names are
   * hidden too: a key may stand there without a name.
   */
  public String redacted() {
    return queryPart().isEmpty() ? value : withoutQuery().value + HIDDEN_QUERY;
  }

  /**
   * A text by which a process may remember this URL. Two URLs have the same text only if they are equal. The query is in
   * it as a digest, because it may hold a key.
   */
  public String memoryKey() {
    return queryPart().isEmpty() ? value : withoutQuery().value + "?" + Digest.sha256Base64Url(queryPart());
  }

  /** Whether this is a URL as it is shown, with its query hidden. */
  public boolean isRedacted() {
    return queryPart().equals(HIDDEN_QUERY);
  }

  /**
   * Whether a request to the other URL is a request to this one. This is so if both are the same URL. If this URL has
   * no query, the other URL on the same origin may also have a query, or a path below this path by segments.
   */
  public boolean covers(EndpointUrl other) {
    if (uri.getRawQuery() != null) return isSame(other);
    String own = pathWithoutSlash();
    String path = other.pathWithoutSlash();
    return origin().equals(other.origin()) && (path.equals(own) || (path.startsWith(own + "/") && !walksUp(path)));
  }

  /**
   * Whether a server might walk up in this path (RFC 3986 §5.2.4). Real servers first decode dots and slashes and drop
   * path parameters, so a path that is below a URL for us may be outside that URL for the server.
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

  /** Refuses a query. Identifiers such as an issuer have no query (RFC 8414 §2). */
  public EndpointUrl requireNoQuery() {
    if (uri.getRawQuery() != null) throw new IllegalArgumentException("must have no query");
    return this;
  }

  private static URI checked(String value) {
    if (value.isEmpty()) throw new IllegalArgumentException("is empty");
    if (value.length() > MAX_LENGTH) throw new IllegalArgumentException("is longer than " + MAX_LENGTH + " characters");
    // URI accepts other characters in a path, but the HTTP client cannot send them unchanged (RFC 3986 §2).
    if (!isAscii(value)) throw new IllegalArgumentException("is not a URL");
    URI uri = parse(value);
    String host = uri.getHost();
    // URI finds no host where other parsers find one ("127.1", "https:example.com"). Such URLs are ambiguous.
    if (uri.getScheme() == null || host == null || host.isEmpty()) {
      throw new IllegalArgumentException("is not an absolute URL with a host");
    }
    if (uri.getRawUserInfo() != null) throw new IllegalArgumentException("must have no user information");
    if (uri.getRawFragment() != null) throw new IllegalArgumentException("must have no fragment");
    if (uri.getPort() == 0 || uri.getPort() > 65535) throw new IllegalArgumentException("has a port out of range");
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    boolean loopbackHttp = scheme.equals("http") && isLoopbackHost(host.toLowerCase(Locale.ROOT));
    if (!scheme.equals("https") && !loopbackHttp) throw new IllegalArgumentException("must be an https URL");
    return uri;
  }

  private static boolean isAscii(String value) {
    for (int i = 0; i < value.length(); i++)
      if (value.charAt(i) >= 0x80) return false;
    return true;
  }

  private static URI parse(String value) {
    try {
      return new URI(value);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is not a URL", e);
    }
  }

  private static boolean isLoopbackHost(String host) {
    return host.equals("localhost") || host.equals("[::1]") || LOOPBACK_LITERAL.matcher(host).matches();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EndpointUrl url && value.equals(url.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** The text to show, so that no query is printed by accident. Two URLs may have the same text: it is no key. */
  @Override
  public String toString() {
    return redacted();
  }
}
