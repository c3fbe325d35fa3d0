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
 * Resolves a host at the moment of connecting, and returns only checked addresses. So the connection goes to an address
 * that was checked, while TLS and the {@code Host} header still use the name.
 */
final class CheckingDnsResolver implements DnsResolver {

  /** Looks up the addresses of a host. A look-up may block for a long time. */
  @FunctionalInterface
  interface NameService {
    InetAddress[] lookUp(String host) throws UnknownHostException;
  }

  /** The deadline of the exchange that resolves. The client has no other way to pass the deadline to a resolver. */
  static final ScopedValue<Deadline> END = ScopedValue.newInstance();
  private static final Duration MAX_LOOK_UP = Duration.ofSeconds(2);

  private final AddressPolicy policy;
  private final NameService names;

  CheckingDnsResolver(AddressPolicy policy, NameService names) {
    this.policy = policy;
    this.names = names;
  }

  @Override
  public InetAddress[] resolve(String host) {
    InetAddress[] addresses = lookUp(host);
    if (!policy.admits(host, List.of(addresses))) throw TransportFailures.forbidden(host);
    return addresses;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  /** The system's look-up has no time-out, so this method waits for a limited time and then abandons the look-up. */
  private InetAddress[] lookUp(String host) {
    var lookUp = new FutureTask<>(() -> names.lookUp(host));
    Thread.ofVirtual().name("dns").start(lookUp);
    try {
      return lookUp.get(END.get().remaining(MAX_LOOK_UP).toNanos(), NANOSECONDS);
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
