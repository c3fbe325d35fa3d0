package social.avatarai.mcp.http;

import java.util.Optional;
import org.apache.hc.client5.http.psl.PublicSuffixMatcherLoader;
import social.avatarai.mcp.EndpointUrl;

/**
 * The site of a URL: the registrable domain of its host, by the public suffix list. An IP literal or a name with one
 * label, such as {@code localhost}, is its own site. Scheme and port do not matter.
 *
 * @param name the registrable domain, or the host
 */
public record Site(String name) {

  public static Site of(EndpointUrl url) {
    // "example.com." is the same host, but the list would return "com." as its site.
    String host = url.host().replaceFirst("\\.$", "");
    boolean hasNoDomain = host.startsWith("[") || host.matches("[0-9.]+") || host.indexOf('.') < 0;
    if (hasNoDomain) return new Site(host);
    // A host that is itself a public suffix has no registrable domain.
    return new Site(Optional.ofNullable(PublicSuffixMatcherLoader.getDefault().getDomainRoot(host)).orElse(host));
  }

  /** Whether both URLs are on the same site. */
  public static boolean isShared(EndpointUrl one, EndpointUrl other) {
    // Equal hosts are the usual case and need no list, whose reading takes time.
    return one.host().equals(other.host()) || of(one).equals(of(other));
  }
}
