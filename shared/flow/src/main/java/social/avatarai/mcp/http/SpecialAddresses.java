package social.avatarai.mcp.http;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * The addresses that are not on the public internet.
 *
 * <p>Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890) and the documents named per row. The
 * predicates of {@link InetAddress} know only a third of these addresses and are not used.
 */
final class SpecialAddresses {

  private static final List<Cidr> LOOPBACK = List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1/128"));

  private static final List<Cidr> IPV4 = table("""
      0.0.0.0/8           this network                        RFC 791 §3.2
      10.0.0.0/8          private use                         RFC 1918
      100.64.0.0/10       shared address space                RFC 6598
      127.0.0.0/8         loopback                            RFC 1122 §3.2.1.3
      168.63.129.16/32    platform service of a cloud         not in the registry
      169.254.0.0/16      link local, metadata of clouds      RFC 3927
      172.16.0.0/12       private use                         RFC 1918
      192.0.0.0/24        IETF protocol assignments           RFC 6890 §2.1
      192.0.2.0/24        documentation                       RFC 5737
      192.31.196.0/24     AS112                               RFC 7535
      192.52.193.0/24     automatic multicast tunneling       RFC 7450
      192.88.99.0/24      6to4 relay anycast, deprecated      RFC 7526
      192.168.0.0/16      private use                         RFC 1918
      192.175.48.0/24     AS112, direct delegation            RFC 7534
      198.18.0.0/15       benchmarking                        RFC 2544
      198.51.100.0/24     documentation                       RFC 5737
      203.0.113.0/24      documentation                       RFC 5737
      224.0.0.0/4         multicast                           RFC 5771
      240.0.0.0/4         reserved, limited broadcast         RFC 1112 §4, RFC 919
      """);

  /**
   * The block from which IANA assigns global unicast addresses (RFC 4291 §2.4). Special blocks outside it need no row
   * below.
   */
  private static final Cidr GLOBAL_UNICAST = Cidr.parse("2000::/3");

  private static final List<Cidr> IPV6 = table("""
      2001::/23           IETF protocol assignments, Teredo   RFC 2928, RFC 4380
      2001:db8::/32       documentation                       RFC 3849
      2002::/16           6to4                                RFC 3056
      2620:4f:8000::/48   AS112, direct delegation            RFC 7534
      3fff::/20           documentation                       RFC 9637
      """);

  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  /** Interface identifiers that carry an IPv4 address (ISATAP, RFC 5214 §6.1), local and universal. */
  private static final List<List<Byte>> ISATAP = List.of(List.of((byte) 0, (byte) 0, (byte) 0x5e, (byte) 0xfe),
      List.of((byte) 2, (byte) 0, (byte) 0x5e, (byte) 0xfe));

  private SpecialAddresses() {}

  static boolean isLoopback(InetAddress address) {
    byte[] bytes = unmapped(address.getAddress());
    return LOOPBACK.stream().anyMatch(block -> block.contains(bytes));
  }

  /**
   * Whether the address is on the public internet.
   *
   * <p>Addresses that only carry an IPv4 address (6to4, Teredo, ISATAP, NAT64, IPv4-compatible and -translated) are
   * always refused, because no server is published under such an address.
   */
  static boolean isPublic(InetAddress address) {
    byte[] bytes = unmapped(address.getAddress());
    if (bytes.length == 4) return IPV4.stream().noneMatch(block -> block.contains(bytes));
    return GLOBAL_UNICAST.contains(bytes) && IPV6.stream().noneMatch(block -> block.contains(bytes))
        && !isIsatap(bytes);
  }

  /**
   * An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is checked as IPv4, because the connection goes to the IPv4
   * address.
   */
  static byte[] unmapped(byte[] bytes) {
    return bytes.length == 16 && Arrays.equals(bytes, 0, 12, MAPPED, 0, 12)
        ? Arrays.copyOfRange(bytes, 12, 16)
        : bytes;
  }

  private static boolean isIsatap(byte[] bytes) {
    return ISATAP.contains(List.of(bytes[8], bytes[9], bytes[10], bytes[11]));
  }

  private static List<Cidr> table(String rows) {
    return rows.lines().map(row -> Cidr.parse(row.substring(0, row.indexOf(' ')))).toList();
  }
}
