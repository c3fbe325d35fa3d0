package social.avatarai.mcp.http;

import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;

/**
 * The outbound door. It checks the target of a request, limits time and size, and follows the few allowed redirects.
 * An exchange of a user's slow call is aborted if the user has too many of them ({@link SlowCalls}).
 *
 * <p>The door is safe for many threads. It lives as long as the process, because it keeps connections for reuse.
 */
public final class OutboundDoor implements Outbound, AutoCloseable {
  static final int MAX_REDIRECTS = 3;

  private final AddressPolicy policy;
  private final Function<UserCall, Optional<Instant>> slots;
  private final OutboundClient client;

  /** A door for calls that need no slots. */
  public OutboundDoor(AddressPolicy policy) {
    this(policy, _ -> Optional.empty());
  }

  /**
   * A door through which a user's slow calls take slots.
   *
   * @param slots takes a slot for a call, or says from when another try makes sense: {@link SlowCalls#take}
   */
  public OutboundDoor(AddressPolicy policy, Function<UserCall, Optional<Instant>> slots) {
    this(policy, slots, InetAddress::getAllByName, SystemTrust::tls);
  }

  OutboundDoor(AddressPolicy policy, CheckingDnsResolver.NameService names, SSLContext tls) {
    this(policy, _ -> Optional.empty(), names, () -> tls);
  }

  private OutboundDoor(AddressPolicy policy, Function<UserCall, Optional<Instant>> slots,
      CheckingDnsResolver.NameService names, Supplier<SSLContext> tls) {
    this.policy = policy;
    this.slots = slots;
    this.client = new OutboundClient(new CheckingDnsResolver(policy, names), tls);
  }

  @Override
  public <T> T exchange(OutboundRequest request, Deadline deadline, ResponseReader<T> reader) {
    var end = Deadline.in(deadline.remaining(request.maxTime()));
    var silence = Deadline.in(ExchangeTimeouts.silence(deadline.remaining()));
    var url = request.url();
    int status = 0;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      policy.admit(url);
      try (var waiting = Waiting.begin(slots, request);
          var hop = client.hop(request, url, silence.remaining(request.maxSilence()), end)) {
        waiting.watch(hop.timeout());
        request.cut().ifPresent(cut -> cut.watch(hop.timeout()));
        var response = hop.send();
        status = response.head().status();
        var next = request.followsRedirects() ? Redirect.target(url, response.head()) : Optional.<EndpointUrl>empty();
        if (next.isEmpty()) return hop.read(response, request, reader);
        url = next.get();
      }
    }
    throw TransportFailures.invalid("redirects more than " + MAX_REDIRECTS + " times", url.origin(), null)
        .withUpstreamStatus(status);
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
