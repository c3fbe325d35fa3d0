package social.avatarai.mcp.http;

import java.math.BigInteger;
import java.net.InetAddress;

/**
 * A block of addresses (RFC 4632 §3.1, RFC 4291 §2.3).
 *
 * @param width the length of the block's addresses in bits: 32 or 128
 * @param length the number of leading bits that define the block
 * @param prefix those bits
 */
record Cidr(int width, int length, BigInteger prefix) {

  /** Parses {@code address/length}. */
  static Cidr parse(String text) {
    int slash = text.indexOf('/');
    byte[] bytes = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
    int length = Integer.parseInt(text.substring(slash + 1));
    return new Cidr(bytes.length * 8, length, leading(bytes, length));
  }

  boolean contains(byte[] address) {
    return address.length * 8 == width && leading(address, length).equals(prefix);
  }

  private static BigInteger leading(byte[] address, int length) {
    return new BigInteger(1, address).shiftRight(address.length * 8 - length);
  }
}
