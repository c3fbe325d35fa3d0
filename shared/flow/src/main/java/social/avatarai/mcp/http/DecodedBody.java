package social.avatarai.mcp.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Failure;

/**
 * The body of a response without its content codings (RFC 9110 §8.4). We ask for none, and some CDNs compress
 * nevertheless. The tokens in such a body may exist nowhere else.
 *
 * <p>Both the coded and the decoded bytes have the maximum of the response, and what is decoded has a maximum ratio. A
 * coding that is named but was not applied is common behind proxies, as is the reverse: the first bytes decide. A body
 * that is named br and begins as gzip does is read as br if that is possible.
 */
final class DecodedBody extends InputStream {
  /** The maximum number of codings on top of each other. */
  static final int MAX_CODINGS = 2;
  /** The maximum of decoded bytes for each coded byte, beyond the first {@link #MAX_FREE_BYTES}. */
  static final int MAX_EXPANSION = 10;
  /** Repetitive JSON shrinks to a thirtieth. A limit on the ratio alone would refuse honest documents. */
  static final int MAX_FREE_BYTES = 3 * 1024 * 1024;

  /**
   * The maximum of coded bytes of a body in br that begins as gzip does. The three bytes say in br (RFC 7932 §9.2) that
   * the body is one block of 2,188 decoded bytes, and no encoder makes it longer than that by much.
   */
  static final int MAX_BROTLI_LIKE_GZIP = 4096;
  private static final int FIRST_BYTES = 3;

  private static final Set<String> NO_CODING = Set.of("", "identity");
  /** Codings that nothing here undoes. Any other unknown name is a mistake, such as {@code utf-8}. */
  private static final Set<String> UNKNOWN = Set.of("zstd", "compress", "x-compress", "dcb", "dcz");

  private final ResponseHead head;
  private final CountedBody received;
  private final Function<String, Failure> over;
  private final int maxBytes;
  private final List<InflatedBody> inflated = new ArrayList<>();
  private @Nullable InputStream decoded;

  DecodedBody(ResponseHead head, InputStream body, int maxBytes, Function<String, Failure> over) {
    this.head = head;
    this.received = new CountedBody(new CappedBody(body, maxBytes, over));
    this.over = over;
    this.maxBytes = maxBytes;
  }

  /** The codings of a response, in the order in which they were applied; without identity. */
  static List<String> codings(ResponseHead head) {
    return head.headers("content-encoding").stream().flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(coding -> coding.strip().toLowerCase(Locale.ROOT)).filter(coding -> !NO_CODING.contains(coding)).toList();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) return 0;
    var body = decoded;
    if (body == null) {
      body = open();
      decoded = body;
    }
    return body.read(into, offset, length);
  }

  private InputStream open() throws IOException {
    var codings = new ArrayList<>(codings(head));
    if (codings.size() > MAX_CODINGS) throw CodingException.tooManyCodings();
    InputStream body = received;
    for (String coding : codings.reversed())
      body = limited(decoded(coding, body));
    return codings.isEmpty() ? limited(decoded("identity", body)) : body;
  }

  private InputStream decoded(String coding, InputStream coded) throws IOException {
    var whole = new PushbackInputStream(coded, MAX_BROTLI_LIKE_GZIP);
    byte[] first = whole.readNBytes(FIRST_BYTES);
    whole.unread(first);
    if (InflatedBody.isGzip(first)) {
      var brotli = coding.equals("br") ? BrotliBody.whole(beginning(whole)) : null;
      return brotli != null ? brotli : closedAtTheEnd(InflatedBody.gzip(whole));
    }
    if (first.length == 0 || isPlain(first)) return whole;
    return switch (coding) {
      case "deflate" -> closedAtTheEnd(InflatedBody.deflate(whole, first));
      case "br" -> BrotliBody.of(whole);
      default -> {
        if (UNKNOWN.contains(coding) && !isText(first)) throw CodingException.unknown();
        yield whole;
      }
    };
  }

  private static byte[] beginning(PushbackInputStream whole) throws IOException {
    byte[] beginning = whole.readNBytes(MAX_BROTLI_LIKE_GZIP);
    whole.unread(beginning);
    return beginning;
  }

  private static boolean isText(byte[] first) {
    for (byte one : first)
      if (one < '\t' || one == 0x7f) return false;
    return true;
  }

  private InputStream closedAtTheEnd(InflatedBody body) {
    inflated.add(body);
    return body;
  }

  /** Whether the body begins as a JSON object does. Neither deflate nor br begins so, unless it is empty or no JSON. */
  private static boolean isPlain(byte[] first) {
    return first[0] == '{' && (first.length == 1 || first[1] == '"' || first[1] == '}' || (first[1] & 0xff) <= ' ');
  }

  private InputStream limited(InputStream body) {
    return new CappedBody(new ExpandedBody(body), maxBytes, over);
  }

  /** Ends a body that expands beyond what honest ones do. */
  private final class ExpandedBody extends CountedBody {
    ExpandedBody(InputStream body) {
      super(body);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      if (count() > MAX_FREE_BYTES + (long) MAX_EXPANSION * received.count()) {
        throw over.apply("over " + MAX_EXPANSION + " times as large as its compressed form");
      }
      return read;
    }
  }

  @Override
  public int available() throws IOException {
    return decoded == null ? 0 : decoded.available();
  }

  /** Frees the memory of the decoders. The received body stays open: closing it would read it to its end. */
  @Override
  public void close() {
    inflated.forEach(InflatedBody::close);
  }
}
