package social.avatarai.mcp.http;

import java.net.InetAddress;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContexts;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;

/**
 * The outbound door: checks where a request goes, bounds it in time and size, and follows the few redirects that may
 * be followed.
 *
 * <p>Safe for many threads; meant to live as long as the process, since it keeps connections for reuse.
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
  public <T> T exchange(OutboundRequest request, Deadline deadline, AnswerReader<T> reader) {
    var end = Deadline.in(deadline.remaining(request.maxTime()));
    var url = request.url();
    int status = 0;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      policy.admit(url);
      try (var leg = client.leg(request, url, end)) {
        var answer = leg.send();
        status = answer.head().status();
        var next = request.followsRedirects() ? Redirect.target(url, answer.head()) : Optional.<EndpointUrl>empty();
        if (next.isEmpty()) return leg.read(answer, request.maxBytes(), reader);
        url = next.get();
      }
    }
    throw TransportFailures.invalid("redirects too often", url.origin(), null).withUpstreamStatus(status);
  }

  @Override
  public void admit(EndpointUrl url) {
    policy.admit(url);
  }

  /** The connections that an exchange holds: none where none is under way. */
  int connectionsInUse() {
    return client.inUse();
  }

  @Override
  public void close() {
    client.close();
  }
}
