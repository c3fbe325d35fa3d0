package social.avatarai.mcp.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import social.avatarai.mcp.Deadline;

/**
 * Turns a host into addresses at the moment of connecting, and lets only checked ones out: what was checked is what is
 * connected to, while the TLS name and the {@code Host} header stay the name.
 */
final class CheckingDnsResolver implements DnsResolver {

  /** Asks for the addresses of a host; may block for long. */
  @FunctionalInterface
  interface NameService {
    InetAddress[] lookUp(String host) throws UnknownHostException;
  }

  /** The end of the exchange that resolves: the client offers a resolver no other way to know. */
  static final ScopedValue<Deadline> END = ScopedValue.newInstance();
  private static final Duration MOST = Duration.ofSeconds(2);

  private final AddressPolicy policy;
  private final NameService names;

  CheckingDnsResolver(AddressPolicy policy, NameService names) {
    this.policy = policy;
    this.names = names;
  }

  @Override
  public InetAddress[] resolve(String host) {
    InetAddress[] addresses = lookUp(host);
    policy.admit(host, List.of(addresses));
    return addresses;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  /** The system's look-up knows no time-out, so it is waited for here, and left behind when it takes too long. */
  private InetAddress[] lookUp(String host) {
    var lookUp = new FutureTask<>(() -> names.lookUp(host));
    Thread.ofVirtual().name("dns").start(lookUp);
    try {
      return lookUp.get(END.get().remaining(MOST).toNanos(), NANOSECONDS);
    } catch (TimeoutException e) {
      throw TransportFailures.late(host, false);
    } catch (ExecutionException e) {
      throw TransportFailures.broken(host, e.getCause(), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw TransportFailures.broken(host, e, false);
    }
  }
}
