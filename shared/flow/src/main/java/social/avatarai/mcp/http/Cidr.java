package social.avatarai.mcp.http;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * A block of addresses (RFC 4632 §3.1, RFC 4291 §2.3).
 *
 * @param width the length of the block's addresses in bits: 32 or 128
 * @param length the number of leading bits that define the block
 * @param prefix those bits
 */
public record Cidr(int width, int length, BigInteger prefix) {
  private static final String OCTET = "(0|[1-9][0-9]{0,2})";
  /** No zone, and four octets without leading zeros in IPv4: the library would also read other forms. */
  private static final Pattern FORM = Pattern
      .compile("(" + OCTET + "(\\." + OCTET + "){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*)/[0-9]{1,3}");

  /**
   * Parses {@code address/length}. The address must be the first one of the block: another one is more likely a
   * mistake.
   */
  public static Cidr parse(String text) {
    if (!FORM.matcher(text).matches()) throw malformed();
    int slash = text.indexOf('/');
    byte[] bytes = address(text.substring(0, slash));
    int length = Integer.parseInt(text.substring(slash + 1));
    int rest = bytes.length * 8 - length;
    var address = new BigInteger(1, bytes);
    if (rest < 0 || !address.shiftRight(rest).shiftLeft(rest).equals(address)) throw malformed();
    return new Cidr(bytes.length * 8, length, leading(bytes, length));
  }

  private static byte[] address(String literal) {
    try {
      return InetAddress.ofLiteral(literal).getAddress();
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("must be networks such as 192.0.2.0/24 or 2001:db8::/32");
  }

  boolean contains(byte[] address) {
    return address.length * 8 == width && leading(address, length).equals(prefix);
  }

  private static BigInteger leading(byte[] address, int length) {
    return new BigInteger(1, address).shiftRight(address.length * 8 - length);
  }
}
