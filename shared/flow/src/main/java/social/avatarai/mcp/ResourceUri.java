package social.avatarai.mcp;

import java.util.ArrayList;
import java.util.List;

/**
 * The identifier of a protected resource (RFC 8707 §2, RFC 9728 §1.2), kept and sent verbatim.
 *
 * <p>No slash is added or taken away: authorization servers in the field compare it as a string.
 *
 * @param value an https URL; a query is allowed, because servers in the field have one
 */
public record ResourceUri(String value) {

  public ResourceUri {
    new EndpointUrl(value);
  }

  public EndpointUrl url() {
    return new EndpointUrl(value);
  }

  /** Whether a request to this URL is a request to this resource: the same URL or below it on the same origin. */
  public boolean covers(EndpointUrl target) {
    var own = url();
    return own.origin().equals(target.origin()) && isSegmentParent(trimSlash(own.path()), trimSlash(target.path()))
        && sameQuery(own, target);
  }

  /**
   * The resources that would cover this URL, longest path first: itself, then its parents by path segment, each with
   * and without a trailing slash. For the look-up of a stored grant by the URL of a call.
   */
  public static List<List<ResourceUri>> covering(EndpointUrl target) {
    var candidates = new ArrayList<List<ResourceUri>>();
    String prefix = target.value();
    int query = prefix.indexOf('?');
    if (query >= 0) {
      candidates.add(List.of(new ResourceUri(prefix)));
      prefix = prefix.substring(0, query);
    }
    String base = prefix.substring(0, prefix.length() - target.path().length());
    for (String path = trimSlash(target.path());; path = path.substring(0, path.lastIndexOf('/'))) {
      candidates.add(List.of(new ResourceUri(base + path), new ResourceUri(base + path + "/")));
      if (path.isEmpty()) return List.copyOf(candidates);
    }
  }

  private static boolean isSegmentParent(String parent, String child) {
    return child.equals(parent) || child.startsWith(parent + "/");
  }

  private static boolean sameQuery(EndpointUrl own, EndpointUrl target) {
    String query = own.uri().getRawQuery();
    return query == null || query.equals(target.uri().getRawQuery());
  }

  private static String trimSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  @Override
  public String toString() {
    return value;
  }
}
