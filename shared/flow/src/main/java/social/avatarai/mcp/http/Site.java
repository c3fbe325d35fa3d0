package social.avatarai.mcp.http;

import java.util.Optional;
import org.apache.hc.client5.http.psl.PublicSuffixMatcherLoader;
import social.avatarai.mcp.EndpointUrl;

/**
 * The site of a URL: the registrable domain of its host, by the public suffix list. An IP literal and a name of one label,
 * such as {@code localhost}, are a site of their own. Scheme and port do not matter.
 *
 * @param name the registrable domain, or the host
 */
public record Site(String name) {

  public static Site of(EndpointUrl url) {
    // "example.com." names the same host; the list would take "com." for its site.
    String host = url.host().replaceFirst("\\.$", "");
    boolean hasNoDomain = host.startsWith("[") || host.matches("[0-9.]+") || host.indexOf('.') < 0;
    if (hasNoDomain) return new Site(host);
    // A host that is a public suffix itself has no domain above it.
    return new Site(Optional.ofNullable(PublicSuffixMatcherLoader.getDefault().getDomainRoot(host)).orElse(host));
  }

  /** Whether both URLs are on one site. */
  public static boolean isShared(EndpointUrl one, EndpointUrl other) {
    // Equal hosts need no list: reading it costs time, and this is the usual case.
    return one.host().equals(other.host()) || of(one).equals(of(other));
  }
}
