package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

class DecodedBodyTest {
  private static final String TEXT = "{\"access_token\":\"the-access-token\"}";

  @Test
  void readsGzipAndDeflate() throws IOException {
    assertThat(read("gzip", gzip(TEXT.getBytes(UTF_8)))).isEqualTo(TEXT);
    assertThat(read("X-GZIP", gzip(TEXT.getBytes(UTF_8)))).isEqualTo(TEXT);
    assertThat(read("deflate", deflate(TEXT.getBytes(UTF_8), false))).isEqualTo(TEXT);
    assertThat(read("deflate", deflate(TEXT.getBytes(UTF_8), true))).isEqualTo(TEXT);
    assertThat(read("deflate, gzip", gzip(deflate(TEXT.getBytes(UTF_8), true)))).isEqualTo(TEXT);
  }

  static String read(String coding, byte[] body) throws IOException {
    try (var decoded = of(coding, body, 256 * 1024)) {
      return new String(decoded.readAllBytes(), UTF_8);
    }
  }

  static DecodedBody of(String coding, byte[] body, int maxBytes) {
    return new DecodedBody(new ResponseHead(200, Map.of("content-encoding", List.of(coding))),
        new ByteArrayInputStream(body), maxBytes,
        () -> new Failure.ProtocolBroken(ErrorCode.INVALID_UPSTREAM_ANSWER, "over", ""));
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  static byte[] deflate(byte[] bytes, boolean bare) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var deflater = new Deflater(9, bare); var stream = new DeflaterOutputStream(out, deflater)) {
      stream.write(bytes);
    }
    return out.toByteArray();
  }
}
