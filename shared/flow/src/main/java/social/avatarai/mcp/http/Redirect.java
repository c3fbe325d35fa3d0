package social.avatarai.mcp.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.EndpointUrl;

/** The target to which a response redirects a GET (RFC 9110 §15.4). */
final class Redirect {
  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

  private Redirect() {}

  /**
   * The target that the response names; empty if the response is not a redirect or its target is not readable. Fails
   * with {@code blocked_url} if we must not request the target, or if the redirect leads from https to http.
   */
  static Optional<EndpointUrl> target(EndpointUrl from, ResponseHead head) {
    if (!STATUSES.contains(head.status()) || head.headers("location").size() != 1) return Optional.empty();
    return head.header("location").flatMap(location -> resolve(from, location)).map(uri -> checked(from, uri));
  }

  private static Optional<URI> resolve(EndpointUrl from, String location) {
    try {
      return Optional.of(from.uri().resolve(new URI(withoutFragment(location))));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static EndpointUrl checked(EndpointUrl from, URI target) {
    try {
      var url = new EndpointUrl(target.toString());
      if (from.isHttps() && !url.isHttps()) throw AddressPolicy.blocked();
      return url;
    } catch (IllegalArgumentException e) {
      throw AddressPolicy.blocked();
    }
  }

  private static String withoutFragment(String location) {
    int fragment = location.indexOf('#');
    return fragment < 0 ? location : location.substring(0, fragment);
  }
}
