package social.avatarai.mcp.http;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

/**
 * The addresses to which we connect: the public internet over https and, if the local runner allows it, this machine.
 *
 * <p>The policy checks twice: the URL before anything is sent, and every resolved address at the moment of connecting,
 * because a second look-up of a name may return other addresses. A URL that is refused by its form has one failure,
 * {@code blocked_url}, with one text, because a more exact text would show other parties what our network looks like. A
 * name with a refused address fails like a name that does not exist, for the same reason.
 */
public final class AddressPolicy {
  private static final Set<Integer> PORTS = Set.of(443, 8443);
  private static final int MAX_NAME_LENGTH = 253; // RFC 1035 §2.3.4
  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  /** Four decimal octets without leading zeros, which some parsers read as octal. */
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  /** At least two labels, no dot at the end, no underscore, and a last label that no parser reads as a number. */
  private static final Pattern NAME = Pattern.compile("(" + LABEL + "\\.)+(?=[a-z])" + LABEL);
  /**
   * Names of internal networks: RFC 6761 §6.3, RFC 6762 §3, ICANN's reserved top-level domain, RFC 8375, hosts files.
   */
  private static final Pattern INNER_NAME = Pattern.compile(".*\\.(localhost|local|internal|home\\.arpa|localdomain)");

  private final boolean loopback;
  private final Set<Integer> ports;
  private final List<Cidr> forbidden;

  AddressPolicy(boolean loopback, Set<Integer> ports) {
    this(loopback, ports, List.of());
  }

  private AddressPolicy(boolean loopback, Set<Integer> ports, List<Cidr> forbidden) {
    this.loopback = loopback;
    this.ports = ports;
    this.forbidden = List.copyOf(forbidden);
  }

  /** Allows https to public addresses, ports 443 and 8443. */
  public static AddressPolicy publicInternet() {
    return new AddressPolicy(false, PORTS);
  }

  /**
   * Also allows 127.0.0.0/8 and ::1 with any port, https or http; nothing else. For the local runner and tests only.
   */
  public static AddressPolicy withLoopback() {
    return new AddressPolicy(true, PORTS);
  }

  /**
   * Allows loopback alone, with any port: for a call of a process to itself. What an operator forbids of the network is
   * not in its way.
   */
  public static AddressPolicy onlyLoopback() {
    return new AddressPolicy(true, Set.of());
  }

  /** The same policy, which also refuses all addresses of these networks, even if they are public or loopback. */
  public AddressPolicy without(List<Cidr> networks) {
    return ports.isEmpty() ? this : new AddressPolicy(loopback, ports, networks);
  }

  /** Whether we would connect to a URL, by its form and, if its host is an address, by the address. No name is resolved. */
  public boolean admits(EndpointUrl url) {
    try {
      admit(url);
      return true;
    } catch (Failure.BadRequest blocked) {
      return false;
    }
  }

  /** Refuses a URL by its form and, if its host is an address, by the address. No name is resolved. */
  void admit(EndpointUrl url) {
    if (url.host().length() > MAX_NAME_LENGTH) {
      throw new Failure.BadRequest(ErrorCode.BLOCKED_URL,
          "The URL's host name is longer than " + MAX_NAME_LENGTH + " characters.");
    }
    var literal = literal(url.host());
    boolean local = url.host().equals("localhost") || literal.filter(SpecialAddresses::isLoopback).isPresent();
    boolean remote = url.isHttps() && ports.contains(port(url)) && isPublicHost(url.host());
    if (!(local ? loopback : remote) || literal.filter(this::isForbidden).isPresent()) throw blocked();
  }

  /**
   * Whether we connect to a host with these addresses. All of them must be allowed, because a name with one forbidden
   * address is suspicious.
   */
  boolean admits(String host, List<InetAddress> addresses) {
    boolean mustBeLocal = host.equalsIgnoreCase("localhost");
    return !addresses.isEmpty() && addresses.stream()
        .allMatch(address -> !isForbidden(address) && (SpecialAddresses.isLoopback(address)
            ? loopback
            : !mustBeLocal && SpecialAddresses.isPublic(address)));
  }

  private boolean isForbidden(InetAddress address) {
    byte[] bytes = SpecialAddresses.unmapped(address.getAddress());
    return forbidden.stream().anyMatch(network -> network.contains(bytes));
  }

  static Failure blocked() {
    return new Failure.BadRequest(ErrorCode.BLOCKED_URL,
        "The URL leads to an address that this service does not connect to.");
  }

  private static boolean isPublicHost(String host) {
    return literal(host).map(SpecialAddresses::isPublic).orElseGet(() -> isPublicName(host));
  }

  private static boolean isPublicName(String host) {
    return NAME.matcher(host).matches() && !INNER_NAME.matcher(host).matches();
  }

  /**
   * The address that a host literal stands for, without a look-up; empty for a name, and for an address with a zone.
   */
  private static Optional<InetAddress> literal(String host) {
    boolean ipv6 = host.startsWith("[") && host.indexOf('%') < 0;
    if (!ipv6 && !IPV4.matcher(host).matches()) return Optional.empty();
    return Optional.of(InetAddress.ofLiteral(ipv6 ? host.substring(1, host.length() - 1) : host));
  }

  private static int port(EndpointUrl url) {
    int port = url.uri().getPort();
    return port == -1 ? 443 : port;
  }
}
