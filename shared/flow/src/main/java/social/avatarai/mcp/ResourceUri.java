package social.avatarai.mcp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The identifier of a protected resource (RFC 8707 §2, RFC 9728 §1.2), kept and sent verbatim.
 *
 * <p>No slash is added or taken away: authorization servers in the field compare it as a string.
 *
 * @param value an https URL; a query is allowed, because servers in the field have one
 */
public record ResourceUri(String value) {

  /** The most parents of a URL that are looked up: with and without a slash they still fit one batch of reads. */
  private static final int MAX_STEPS = 48;

  public ResourceUri {
    new EndpointUrl(value);
  }

  public EndpointUrl url() {
    return new EndpointUrl(value);
  }

  /**
   * Whether a request to this URL is a request to this resource: the same URL (one trailing slash aside) or, where this
   * resource has no query, one below it on the same origin.
   */
  public boolean covers(EndpointUrl target) {
    var own = url();
    String ownPath = trimSlash(own.path());
    String path = trimSlash(target.path());
    String query = own.uri().getRawQuery();
    return own.origin().equals(target.origin())
        && (query == null
            ? path.equals(ownPath) || isBelow(ownPath, path)
            : path.equals(ownPath) && query.equals(target.uri().getRawQuery()));
  }

  /**
   * The resources that would cover this URL, longest path first: itself, then its parents by path segment, each with
   * and without a trailing slash. For the look-up of a stored grant by the URL of a call.
   */
  public static List<List<ResourceUri>> covering(EndpointUrl target) {
    var candidates = new ArrayList<List<ResourceUri>>();
    int queryStart = target.value().indexOf('?');
    String query = queryStart < 0 ? "" : target.value().substring(queryStart);
    String base = target.value().substring(0, target.value().length() - query.length() - target.path().length());
    String path = trimSlash(target.path());
    if (!query.isEmpty()) candidates.add(covering(target, base + path, query));
    candidates.add(covering(target, base + path, ""));
    while (!path.isEmpty() && candidates.size() < MAX_STEPS && !walksUp(target.path())) {
      path = path.substring(0, path.lastIndexOf('/'));
      candidates.add(covering(target, base + path, ""));
    }
    return List.copyOf(candidates);
  }

  /** With and without a slash; not where the slash more makes it another path, or too long. */
  private static List<ResourceUri> covering(EndpointUrl target, String url, String query) {
    return Stream.of(url + query, url + "/" + query).filter(value -> value.length() <= EndpointUrl.MAX_LENGTH)
        .map(ResourceUri::new).filter(resource -> resource.covers(target)).toList();
  }

  private static boolean isBelow(String parent, String child) {
    return child.startsWith(parent + "/") && !walksUp(child);
  }

  /**
   * Whether some server would walk up in this path (RFC 3986 §5.2.4, with the spellings of dots, slashes and path
   * parameters that servers in the field undo first): what is below a resource for us may be beside it there.
   */
  private static boolean walksUp(String path) {
    String seen = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
    return Arrays.stream(seen.split("/")).map(segment -> segment.replaceFirst("(;|%3b).*", ""))
        .anyMatch(segment -> segment.equals("..") || segment.equals("."));
  }

  private static String trimSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  @Override
  public String toString() {
    return value;
  }
}
