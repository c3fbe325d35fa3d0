package social.avatarai.mcp.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.InvocationSecrets;

/** The target to which a response redirects a request (RFC 9110 §15.4). */
public final class Redirect {
  private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);
  /** The statuses after which servers expect the same method again. Servers mean 301 so too, although it permits GET. */
  private static final Set<Integer> SAME_METHOD = Set.of(301, 307, 308);

  private Redirect() {}

  /** Whether a response with this status redirects a POST as a POST. */
  public static boolean keepsMethod(int status) {
    return SAME_METHOD.contains(status);
  }

  /**
   * The target that the response names; empty if the response is not a redirect or its target is not readable. Fails
   * with {@code blocked_url} if we must not request the target, or if the redirect leads from https to http.
   */
  static Optional<EndpointUrl> target(EndpointUrl from, ResponseHead head) {
    if (!STATUSES.contains(head.status()) || head.headers("location").size() != 1) return Optional.empty();
    return head.header("location").flatMap(location -> resolve(from, location)).map(uri -> checked(from, uri));
  }

  /**
   * The target that a response to a POST names, for an error or for a request without credentials. Whether we may
   * request the target is not checked here. Empty if the response is not such a redirect, if its target is not readable, or if
   * the target holds a secret of this invocation.
   */
  public static Optional<EndpointUrl> named(EndpointUrl from, ResponseHead head) {
    if (!SAME_METHOD.contains(head.status()) || head.headers("location").size() != 1) return Optional.empty();
    return head.header("location").filter(location -> !InvocationSecrets.isIn(location))
        .flatMap(location -> resolve(from, location)).flatMap(Redirect::url);
  }

  /**
   * The URL of a server that redirects to its own path with or without one trailing slash, as a mounted application
   * does. The query stays that of the server: the redirect may leave it out, and it may hold a key. Empty for every
   * other target: a server that shares its origin with others could otherwise send the user to one of them, with any
   * query.
   */
  public static Optional<EndpointUrl> ofSlash(EndpointUrl server, EndpointUrl target) {
    boolean sameQuery = target.queryPart().isEmpty() || target.queryPart().equals(server.queryPart());
    return target.isOtherSlashOf(server) && sameQuery
        ? url(URI.create(target.withoutQuery().value() + server.queryPart()))
        : Optional.empty();
  }

  private static Optional<EndpointUrl> url(URI target) {
    try {
      return Optional.of(new EndpointUrl(target.toString()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
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
