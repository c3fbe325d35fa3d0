package social.avatarai.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

class AddressPolicyTest {
  private final AddressPolicy internet = AddressPolicy.publicInternet();
  private final AddressPolicy loopback = AddressPolicy.withLoopback();

  @ParameterizedTest
  @ValueSource(strings = {"2130706433", "3232235777", "0", "0.0.0.0", "017700000001", "0x7f000001", "0xc0a80014",
      "0x0000007f.0x0.0x0.0x1", "0x7f.0x0.0x00000000.0x01", "0177.0x0.0x0.0x1", "127.1", "127.0.1", "00127.0.0.01",
      "0177.0.0.1", "010.0.0.1", "127.0.0.01", "[::]", "[::ffff:192.0.2.1]", "[::ffff:127.0.0.1.]",
      "１２７。０。０。１", "a_b.example", "exa%6dple.com", "127.0.0.1%00.example.com",
      "10.0.0.5", "169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[fe80::1%25lo]", "[fe80::1%lo]",
      "[fe80::1%25nosuch0]", "[fe80::1%nosuch0]",
      "[2606:4700::1%lo]", "[::1%lo]",
      "[64:ff9b::7f00:1]", "[64:ff9b::a00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::6440:1]",
      "[64:ff9b:1::a9fe:a9fe]", "[64:ff9b:1:a9fe:a9:fe00::]", "[::ffff:0:7f00:1]", "[::7f00:1]",
      "[2002:a9fe:a9fe::1]", "[2606:4700::5efe:192.168.1.1]", "[2606:4700::200:5efe:169.254.169.254]",
      "intranet", "instance-data", "metadata.google.internal", "printer.local", "a.localhost", "a.localdomain",
      "nas.home.arpa", "localhost.", "example.com.", "-a.example.com", "a-.example.com", "a..example.com", "example.1",
      "example.0x1"})
  void refusesHostsThatAreNoPublicPlace(String host) {
    for (String scheme : List.of("https", "http")) {
      for (String end : List.of("/", ":443/", ":8443/mcp", ":80/")) {
        assertThat(refusal(internet, scheme + "://" + host + end)).isTrue();
        assertThat(refusal(loopback, scheme + "://" + host + end)).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.127.127.127", "[::1]", "[0000::1]", "[0:0:0:0:0:0:0:1]", "localhost",
      "LOCALHOST", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"})
  void connectsToThisMachineOnlyWhereThatIsAllowed(String host) {
    assertThat(refusal(internet, "https://" + host + "/")).isTrue();
    assertThat(refusal(internet, "http://" + host + ":9001/")).isTrue();
    assertThat(refusal(loopback, "https://" + host + ":9401/")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://[]", "http://[]:123", "http://:123", "https://", "https:///mcp", "https:example.com",
      "//example.com/", "https://user:pass@8.8.8.8/", "https://user@example.com/", "https://good.example\\@127.0.0.1/",
      "https://good.example@127.0.0.1/", "https://example.com:0/", "https://example.com:99999/",
      "https://example.com:22/", "https://example.com:9001/", "https://8.8.8.8:2773/", "http://example.com/",
      "http://example.com:443/", "http://8.8.8.8/", "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)",
      "data:text/html,x", "unix:///var/run/x.sock", "https://example.com/\u0000", "https://exa mple.com/",
      "https://example.com/\r\nHost:x", "https://example.com/#fragment"})
  void refusesUrlsOfAnotherForm(String url) {
    assertThat(refusal(internet, url)).isTrue();
    assertThat(refusal(loopback, url)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://mcp.example.com/mcp", "https://mcp.example.com:443/",
      "https://mcp.example.com:8443/",
      "HTTPS://MCP.EXAMPLE.COM/", "https://a-b.xn--bcher-kva.example", "https://1and1.example.co.uk/x?y=z",
      "https://internal.example.com/", "https://my.locale/", "https://8.8.8.8/",
      "https://[2606:4700:4700::1111]/"})
  void admitsThePublicInternet(String url) {
    assertThat(refusal(internet, url)).isFalse();
    assertThat(refusal(loopback, url)).isFalse();
  }

  @Test
  void refusesNamesThatAreTooLong() {
    assertThat(refusal(internet, "https://" + "a.".repeat(126) + "ab/")).isTrue();
    assertThat(refusal(internet, "https://" + "a.".repeat(125) + "abc/")).isFalse();
    assertThat(refusal(internet, "https://" + "a".repeat(64) + ".example.com/")).isTrue();
  }

  /** The first and last address of every special-purpose block, and addresses that the JDK's own predicates miss. */
  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "0.0.0.1", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0",
      "100.100.100.200", "100.127.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.253", "169.254.170.2",
      "169.254.170.23", "169.254.100.1", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192",
      "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.31.196.1", "192.52.193.1", "192.88.99.0", "192.88.99.255",
      "192.168.0.0", "192.168.255.255", "192.175.48.1", "198.18.0.0", "198.19.255.255", "198.51.100.0",
      "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.254",
      "255.255.255.255", "::", "::2", "::8.8.8.8", "::127.0.0.1", "::ffff:0:0:0", "::ffff:0:7f00:1",
      "::ffff:0:808:808", "64:ff9b::", "64:ff9b::808:808", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "64:ff9c::1",
      "100::", "100::1", "1fff:ffff::1", "2001::", "2001::1", "2001:1::1", "2001:2::1", "2001:10::1", "2001:20::1",
      "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::",
      "2002:808:808::1", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::1", "3fff::",
      "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::1", "5f00::1", "fbff::1", "fc00::1", "fd00:ec2::23",
      "fd00:ec2::254", "fdff::1", "fe00::1", "fe80::1", "febf::1", "fec0::1", "feff::1", "ff02::1", "ff0e::1",
      "2606:4700::5efe:8.8.8.8", "2606:4700::200:5efe:808:808"})
  void refusesEverySpecialAddress(String address) {
    assertThat(refusal(internet, InetAddress.ofLiteral(address))).isTrue();
    assertThat(refusal(loopback, InetAddress.ofLiteral(address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"})
  void refusesLoopbackAddressesUnlessAllowed(String address) {
    assertThat(refusal(internet, InetAddress.ofLiteral(address))).isTrue();
    assertThat(refusal(loopback, InetAddress.ofLiteral(address))).isFalse();
    assertThat(SpecialAddresses.isPublic(InetAddress.ofLiteral(address))).isFalse();
  }

  /** The addresses just outside every block. */
  @ParameterizedTest
  @ValueSource(strings = {"1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.254", "100.63.255.255", "100.128.0.0",
      "100.128.0.1", "126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0",
      "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0", "192.31.195.255",
      "192.31.197.0", "192.52.192.255", "192.52.194.0", "192.88.98.255", "192.88.100.0", "192.167.255.255",
      "192.169.0.0", "192.175.47.255", "192.175.49.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0",
      "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8", "2000::", "2000:ffff::1", "2001:200::",
      "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "2001:4860:4860::8888", "2003::",
      "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2606:4700:4700::1111", "2620:4f:7fff::1", "2620:4f:8001::",
      "3ffe:ffff::1", "3fff:1000::", "2606:4700::5eff:1", "2606:4700::100:5efe:1"})
  void admitsTheirNeighbours(String address) {
    assertThat(refusal(internet, InetAddress.ofLiteral(address))).isFalse();
    assertThat(refusal(loopback, InetAddress.ofLiteral(address))).isFalse();
  }

  @Test
  void judgesAMappedAddressByTheAddressInside() throws Exception {
    assertThat(refusal(internet, mapped("0a000001"))).isTrue();
    assertThat(refusal(internet, mapped("7f000001"))).isTrue();
    assertThat(refusal(loopback, mapped("7f000001"))).isFalse();
    assertThat(refusal(internet, mapped("08080808"))).isFalse();
  }

  @Test
  void refusesANameWithOneBadAddressAmongGoodOnes() {
    var mixed = List.of(InetAddress.ofLiteral("8.8.8.8"), InetAddress.ofLiteral("10.0.0.1"),
        InetAddress.ofLiteral("2606:4700:4700::1111"));

    assertThat(internet.admits("mcp.example.com", mixed)).isFalse();
  }

  @Test
  void refusesANameWithoutAddresses() {
    assertThat(internet.admits("mcp.example.com", List.of())).isFalse();
  }

  /** Plain http is accepted for localhost, so localhost must not lead to another machine. */
  @Test
  void refusesALocalhostThatIsElsewhere() {
    assertThat(loopback.admits("localhost", List.of(InetAddress.ofLiteral("8.8.8.8")))).isFalse();
  }

  @Test
  void saysTheSameWhateverTheCause() {
    for (String url : List.of("https://10.0.0.1/", "https://example.com:22/", "https://intranet/",
        "http://localhost/")) {
      assertThatThrownBy(() -> internet.admit(new EndpointUrl(url))).isInstanceOfSatisfying(Failure.BadRequest.class,
          failure -> {
            assertThat(failure.code()).isEqualTo(ErrorCode.BLOCKED_URL);
            assertThat(failure.safeMessage())
                .isEqualTo("The URL leads to an address that this service does not connect to.");
            assertThat(failure.detail()).isEmpty();
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"8.8.8.8", "8.8.8.255", "::ffff:8.8.8.8", "2606:4700::1", "127.0.0.1"})
  void refusesTheNetworksThatTheOperatorForbidsAsLiteralsAndAsResolvedAddresses(String address) throws Exception {
    var policy = loopback.without(
        List.of(Cidr.parse("8.8.8.0/24"), Cidr.parse("2606:4700::/32"), Cidr.parse("127.0.0.0/8")));
    String host = address.contains(":") ? "[" + address + "]" : address;

    assertThat(refusal(loopback, "https://" + host + "/")).isFalse();
    assertThat(refusal(policy, "https://" + host + "/")).isTrue();
    assertThat(refusal(policy, InetAddress.ofLiteral(address))).isTrue();
    assertThat(refusal(policy, mapped("08080808"))).isTrue();
  }

  @Test
  void admitsTheNeighboursOfTheNetworksThatTheOperatorForbids() {
    var policy = internet.without(List.of(Cidr.parse("8.8.8.0/24"), Cidr.parse("2606:4700::/32")));

    for (String address : List.of("8.8.7.255", "8.8.9.0", "2606:46ff::1", "2606:4701::1"))
      assertThat(refusal(policy, InetAddress.ofLiteral(address))).as(address).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "8.8.8.0", "8.8.8.0/", "8.8.8.0/33", "8.8.8.1/24", "8.8.8/24", "08.8.8.0/24",
      "256.0.0.0/8", "2001:db8::/129", "2001:db8::1/32", "2001::db8::/32", "[2001:db8::]/32", "fe80::%lo/10",
      "::ffff:8.8.8.0/120", "example.com/24", "8.8.8.0/24 ", "8.8.8.0/-1", "0x8.8.8.0/24"})
  void takesNoNetworkOfAnotherForm(String text) {
    assertThatThrownBy(() -> Cidr.parse(text)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be networks such as 192.0.2.0/24 or 2001:db8::/32");
  }

  @Test
  void takesPlainHttpToThisMachineWhereAllowed() {
    assertThatCode(() -> loopback.admit(new EndpointUrl("http://localhost:3000/"))).doesNotThrowAnyException();
    assertThatCode(() -> loopback.admit(new EndpointUrl("http://127.0.0.1/"))).doesNotThrowAnyException();
    assertThatCode(() -> loopback.admit(new EndpointUrl("http://[::1]:1/"))).doesNotThrowAnyException();
  }

  /** Whether the URL is refused, by its form or by the policy. */
  private static boolean refusal(AddressPolicy policy, String text) {
    EndpointUrl url;
    try {
      url = new EndpointUrl(text);
    } catch (IllegalArgumentException e) {
      return true;
    }
    try {
      policy.admit(url);
      return false;
    } catch (Failure.BadRequest e) {
      return true;
    }
  }

  private static boolean refusal(AddressPolicy policy, InetAddress address) {
    return !policy.admits("mcp.example.com", List.of(address));
  }

  /** An IPv4-mapped address as an IPv6 address object, as a resolver might return it. */
  private static InetAddress mapped(String ipv4) throws UnknownHostException {
    byte[] bytes = HexFormat.of().parseHex("00000000000000000000ffff" + ipv4);
    return Inet6Address.getByAddress(null, bytes, -1);
  }

  @Test
  void loopbackAloneIsLoopbackAloneWhateverTheOperatorForbids() {
    var alone = AddressPolicy.onlyLoopback().without(List.of(Cidr.parse("127.0.0.0/8")));
    assertThat(alone.admits(new EndpointUrl("http://127.0.0.1:8080/mcp"))).isTrue();
    assertThat(alone.admits(new EndpointUrl("https://example.com/mcp"))).isFalse();
    assertThat(alone.admits(new EndpointUrl("https://example.com:8443/mcp"))).isFalse();
  }
}
