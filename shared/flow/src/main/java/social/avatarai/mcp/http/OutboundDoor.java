package social.avatarai.mcp.http;

import java.net.InetAddress;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContexts;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;

/**
 * The outbound door. It checks the target of a request, limits time and size, and follows the few allowed redirects.
 *
 * <p>The door is safe for many threads. It lives as long as the process, because it keeps connections for reuse.
 */
public final class OutboundDoor implements Outbound, AutoCloseable {
  private static final int MAX_REDIRECTS = 3;

  private final AddressPolicy policy;
  private final OutboundClient client;

  public OutboundDoor(AddressPolicy policy) {
    this(policy, InetAddress::getAllByName, SSLContexts.createSystemDefault());
  }

  OutboundDoor(AddressPolicy policy, CheckingDnsResolver.NameService names, SSLContext tls) {
    this.policy = policy;
    this.client = new OutboundClient(new CheckingDnsResolver(policy, names), tls);
  }

  @Override
  public <T> T exchange(OutboundRequest request, Deadline deadline, ResponseReader<T> reader) {
    var end = Deadline.in(deadline.remaining(request.maxTime()));
    var url = request.url();
    int status = 0;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      policy.admit(url);
      try (var hop = client.hop(request, url, end)) {
        var response = hop.send();
        status = response.head().status();
        var next = request.followsRedirects() ? Redirect.target(url, response.head()) : Optional.<EndpointUrl>empty();
        if (next.isEmpty()) return hop.read(response, request.maxBytes(), reader);
        url = next.get();
      }
    }
    throw TransportFailures.invalid("redirects too often", url.origin(), null).withUpstreamStatus(status);
  }

  @Override
  public void admit(EndpointUrl url) {
    policy.admit(url);
  }

  /** The number of connections that exchanges hold now; 0 if no exchange is under way. */
  int connectionsInUse() {
    return client.inUse();
  }

  @Override
  public void close() {
    client.close();
  }
}
