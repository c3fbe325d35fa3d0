package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

class DecodedBodyTest {
  private static final int DOCUMENT = OutboundRequest.MAX_DOCUMENT_BYTES;
  private static final int RESULT = 5 * 1024 * 1024;
  private static final String TEXT = "{\"access_token\":\"the-access-token\",\"refresh_token\":\"the-refresh-token\","
      + "\"token_type\":\"Bearer\",\"expires_in\":3600,\"scope\":\"read write\"}";
  /** Made by the encoder of Node.js. */
  private static final String BROTLI = "G4MAYATCbaV+eYIgGIymMkQHWhSm7Xk9WRWEWszM5s2EJlRV0DNwjkWDYDvnQVZfH92gQCeFNy3sOLT"
      + "gxufemN06hEKU7GrNzRGKP7o2JeUYhduPyDEeKckP";
  /** The same of the text in gzip. */
  private static final String BROTLI_OF_GZIP = "CzaAH4sIAAAAAAAAA1XK0QaAMBiG4VvJd7yI6GCH3cjM+tJEm/8flXTvUYmOXh7vAR8CVV1J"
      + "MxdYlIn1Q/VDBsJRqNNvee177rqyZ8KipxcKDLjlKFQXF9i2axoDDelehH6oVomFOC8kjjGqhAAAAAM=";
  /** 64 MB of zeros. */
  private static final String BROTLI_BOMB = "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+Df"
      + "wIgDgsAdO//+P//B/8EQBwWAOje//H//w/+CYA4LADQvf/L//8//BMAcVgAoHv/Bw==";

  @Test
  void readsEveryCodingThatHttpKnowsUnderEachOfItsNames() throws IOException {
    assertThat(read("gzip", gzip(TEXT))).isEqualTo(TEXT);
    assertThat(read("X-GZIP", gzip(TEXT))).isEqualTo(TEXT);
    assertThat(read("deflate", deflate(TEXT, false))).isEqualTo(TEXT);
    assertThat(read("br", base64(BROTLI))).isEqualTo(TEXT);
    assertThat(read("identity", bytes(TEXT))).isEqualTo(TEXT);
  }

  @Test
  void readsDeflateWithoutItsWrappingAsSomeServersSendIt() throws IOException {
    assertThat(read("deflate", deflate(TEXT, true))).isEqualTo(TEXT);
  }

  @Test
  void undoesTwoCodingsInTheReverseOrder() throws IOException {
    assertThat(read("gzip, br", base64(BROTLI_OF_GZIP))).isEqualTo(TEXT);
    assertThat(read("deflate, identity, gzip", gzip(deflate(TEXT, false)))).isEqualTo(TEXT);
  }

  @Test
  void undoesNoThirdCoding() {
    assertThatThrownBy(() -> read("gzip, gzip, gzip", gzip(gzip(gzip(TEXT))))).isInstanceOf(CodingException.class)
        .hasMessageContaining("more than 2 times");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br", "deflate", "zstd", "utf-8"})
  void readsPlainJsonUnderTheNameOfACodingThatWasNotApplied(String coding) throws IOException {
    assertThat(read(coding, bytes(TEXT))).isEqualTo(TEXT);
    assertThat(read(coding, bytes("{}"))).isEqualTo("{}");
    assertThat(read(coding, new byte[0])).isEmpty();
  }

  @Test
  void saysOfACodingThatNothingHereUndoesThatItIsOne() {
    byte[] zstd = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 1};

    assertThatThrownBy(() -> read("zstd", zstd)).isInstanceOf(CodingException.class)
        .hasMessageContaining("cannot undo");
  }

  @Test
  void readsGzipThatNoHeaderNames() throws IOException {
    assertThat(read("identity", gzip(TEXT))).isEqualTo(TEXT);
    assertThat(read("", gzip(TEXT))).isEqualTo(TEXT);
  }

  @Test
  void readsAllMembersOfGzip() throws IOException {
    assertThat(read("gzip", joined(gzip("{\"a\":"), gzip(""), gzip("1}")))).isEqualTo("{\"a\":1}");
  }

  @Test
  void skipsTheOptionalPartsOfAMembersHead() throws IOException {
    byte[] plain = gzip(TEXT);
    byte[] head = Arrays.copyOf(plain, 10);
    head[3] = 0b11110; // all but FTEXT
    byte[] optional = joined(new byte[]{3, 0, 1, 2, 3}, bytes("name\0"), bytes("comment\0"), new byte[]{9, 9});

    assertThat(read("gzip", joined(head, optional, Arrays.copyOfRange(plain, 10, plain.length)))).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0\0\0\0", "garbage", "\u001f", "\u001fgarbage"})
  void skipsWhatFollowsTheLastMember(String garbage) throws IOException {
    assertThat(read("gzip", joined(gzip(TEXT), bytes(garbage)))).isEqualTo(TEXT);
  }

  @Test
  void anIncompleteBodyIsNotTakenForAWholeOne() throws IOException {
    for (byte[] whole : List.of(gzip(TEXT), deflate(TEXT, false), deflate(TEXT, true))) {
      String coding = InflatedBody.isGzip(Arrays.copyOf(whole, 3)) ? "gzip" : "deflate";
      for (int length = 3; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> read(coding, cut)).isInstanceOfSatisfying(CodingException.class,
            e -> assertThat(e.isDamaged()).isFalse());
      }
    }
    byte[] brotli = base64(BROTLI);
    assertThatThrownBy(() -> read("br", Arrays.copyOf(brotli, brotli.length - 20))).isInstanceOf(CodingException.class);
  }

  @Test
  void aDamagedBodyIsReported() throws IOException {
    byte[] block = gzip(TEXT);
    block[10] = 7; // RFC 1951 §3.2.3: no such type of a block
    assertThatThrownBy(() -> read("gzip", block)).isInstanceOfSatisfying(CodingException.class,
        e -> assertThat(e.isDamaged()).isTrue());
    byte[] brotli = base64(BROTLI);
    Arrays.fill(brotli, 10, 40, (byte) 0xff);
    assertThatThrownBy(() -> read("br", brotli)).isInstanceOf(CodingException.class);
    assertThatThrownBy(() -> read("deflate", bytes("<html>no deflate</html>"))).isInstanceOf(CodingException.class);
  }

  @Test
  void aWholeObjectBeforeAWrongChecksumOrLengthOfGzipIsKeptWithAFault() throws IOException {
    byte[] sum = gzip(TEXT);
    sum[sum.length - 5] ^= 1;
    byte[] length = gzip(TEXT);
    length[length.length - 1] ^= 1;
    for (byte[] wrong : List.of(sum, length)) {
      try (var decoded = of("gzip", wrong, DOCUMENT)) {
        var json = HttpResponse.salvaged(head("gzip"), decoded).salvaged();
        assertThat(json.object()).contains(Json.object(bytes(TEXT)).orElseThrow());
        assertThat(json.faultsInWords()).isEqualTo("content_coding,no_end");
      }
    }
  }

  /** With a window of 16 MB, by the encoder of Node.js. A body of 396 bytes begins 1f 8b 01, one of 2,188 bytes 1f 8b 08. */
  @ParameterizedTest
  @CsvSource({"396,H4sBoJwJduwEHGXiIadlGdpehsnRJYtOX4u0fJXVyYEcVP7tC7IWWKCBJM55jPUdFwO9Zrk7t9xT0JB3bsIIaACdp2MZ",
      "2188,H4sIoJwJduwEHGXiIadlGdpehsnRJYtOX4u0fJXVyYEcVP7tC7IWWKCBRCB5jPUdFwO9Zrk7t9xT0JB3bsIIaACdpx/L"})
  void brotliThatBeginsAsGzipDoesIsReadAsBrotli(int length, String coded) throws IOException {
    assertThat(read("br", base64(coded))).hasSize(length)
        .startsWith("{\"access_token\":\"the-access-token\",\"refresh_token\":\"the-refresh-token\"").endsWith("\"}");
  }

  @Test
  void gzipThatIsNamedBrotliIsRead() throws IOException {
    var random = new Random(1);
    var text = new StringBuilder("{\"id\":\"");
    while (text.length() < 3 * DecodedBody.MAX_BROTLI_LIKE_GZIP)
      text.append(Long.toHexString(random.nextLong()));
    assertThat(read("br", gzip(TEXT))).isEqualTo(TEXT);
    assertThat(read("br", gzip(text.append("\"}").toString()))).isEqualTo(text.toString());
  }

  /** The byte order mark makes deflate without its wrapping begin with a brace and a byte above 0x7f. */
  @Test
  void deflateThatBeginsWithABraceIsNotTakenForJson() throws IOException {
    byte[] coded = deflate("\ufeff{\"a\":1}", true);
    assertThat(coded).startsWith((byte) '{', (byte) 0xbf);
    assertThat(read("deflate", coded)).isEqualTo("\ufeff{\"a\":1}");
  }

  @Test
  void aBombEndsAtTheLimitOfTheResponse() throws IOException {
    byte[] zeros = new byte[64 * 1024 * 1024];
    for (var coded : Map
        .of("gzip", gzip(zeros), "deflate", deflate(zeros, false), "br", base64(BROTLI_BOMB), "gzip, gzip",
            gzip(gzip(zeros)))
        .entrySet()) {
      assertThat(decodedBeforeTheEnd(coded.getKey(), coded.getValue(), DOCUMENT)).as(coded.getKey())
          .isLessThanOrEqualTo(DOCUMENT);
    }
  }

  @Test
  void aBombOfALargeResponseEndsAtItsExpansion() throws IOException {
    byte[] bomb = gzip(new byte[RESULT - 1]);

    assertThat(decodedBeforeTheEnd("gzip", bomb, RESULT))
        .isLessThanOrEqualTo(DecodedBody.MAX_FREE_BYTES + (long) DecodedBody.MAX_EXPANSION * bomb.length);
  }

  @Test
  void anHonestResultOfTheFullSizePasses() throws IOException {
    var json = new StringBuilder("[");
    var random = new Random(1);
    for (int i = 0; json.length() < RESULT - 200; i++) {
      json.append("{\"id\":").append(i).append(",\"name\":\"Customer ").append(i).append("\",\"city\":\"Berlin\",")
          .append("\"created_at\":\"2026-01-11T10:00:00Z\",\"balance\":").append(random.nextInt(1_000_000))
          .append("},");
    }
    String text = json.append("0]").toString();

    try (var decoded = of("gzip", gzip(text), RESULT)) {
      assertThat(new String(decoded.readAllBytes(), UTF_8)).isEqualTo(text);
    }
  }

  @Test
  void anHonestDocumentOfTheFullSizePassesHoweverWellItShrinks() throws IOException {
    String text = "{\"scope\":\"" + "a".repeat(DOCUMENT - 12) + "\"}";

    assertThat(read("gzip", gzip(text))).hasSize(DOCUMENT);
  }

  @Test
  void compressedBytesHaveTheLimitToo() throws IOException {
    byte[] endless = joined(gzip(TEXT), new byte[DOCUMENT]);

    assertThatThrownBy(() -> read("gzip", endless)).isInstanceOf(Failure.ProtocolBroken.class);
  }

  /** An event stream: the server waits for what the client does with the first event. */
  @Test
  void returnsWhatHasArrivedBeforeTheBodyEnds() throws IOException {
    var out = new ByteArrayOutputStream();
    var gzip = new GZIPOutputStream(out, 512, true);
    gzip.write(bytes("data: 1\n\n"));
    gzip.flush();
    var arrived = new ByteArrayInputStream(out.toByteArray());
    try (var decoded = new DecodedBody(head("gzip"), new InputStream() {
      @Override
      public int read() {
        return arrived.available() > 0 ? arrived.read() : waits();
      }

      private static int waits() {
        throw new AssertionError("the client waits for more");
      }

      @Override
      public int read(byte[] into, int offset, int length) {
        return arrived.available() > 0 ? arrived.read(into, offset, length) : waits();
      }
    }, DOCUMENT, DecodedBodyTest::over)) {
      assertThat(new String(decoded.readNBytes(9), UTF_8)).isEqualTo("data: 1\n\n");
    }
  }

  private static long decodedBeforeTheEnd(String coding, byte[] body, int maxBytes) throws IOException {
    long count = 0;
    try (var decoded = of(coding, body, maxBytes)) {
      byte[] piece = new byte[8192];
      for (int read = decoded.read(piece); read >= 0; read = decoded.read(piece))
        count += read;
    } catch (Failure.ProtocolBroken e) {
      return count;
    }
    throw new AssertionError("read to its end");
  }

  static String read(String coding, byte[] body) throws IOException {
    try (var decoded = of(coding, body, DOCUMENT)) {
      return new String(decoded.readAllBytes(), UTF_8);
    }
  }

  static DecodedBody of(String coding, byte[] body, int maxBytes) {
    return new DecodedBody(head(coding), new ByteArrayInputStream(body), maxBytes, DecodedBodyTest::over);
  }

  private static ResponseHead head(String coding) {
    return new ResponseHead(200, Map.of("content-encoding", List.of(coding)));
  }

  private static Failure over(String how) {
    return new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, how, "");
  }

  static byte[] gzip(String text) throws IOException {
    return gzip(bytes(text));
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] deflate(String text, boolean isBare) throws IOException {
    return deflate(bytes(text), isBare);
  }

  private static byte[] deflate(byte[] bytes, boolean isBare) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var deflater = new Deflater(9, isBare); var stream = new DeflaterOutputStream(out, deflater)) {
      stream.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts)
      out.writeBytes(part);
    return out.toByteArray();
  }

  private static byte[] base64(String text) {
    return Base64.getDecoder().decode(text);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
