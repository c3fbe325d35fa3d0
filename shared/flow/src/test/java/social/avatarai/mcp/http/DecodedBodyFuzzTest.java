package social.avatarai.mcp.http;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.Arrays;
import social.avatarai.mcp.Failure;

/** A stranger's compressed body is decoded within its limits, or fails as a coding does, and in no other way. */
class DecodedBodyFuzzTest {
  private static final String[] CODINGS = {"gzip", "deflate", "br", "gzip, br", "br, deflate", "identity"};
  private static final int LIMIT = 64 * 1024;

  /** The first byte of an input chooses the coding. The rest is the body. */
  @FuzzTest
  void decodesOrFails(byte[] bytes) {
    if (bytes.length == 0) return;
    String coding = CODINGS[(bytes[0] & 0xff) % CODINGS.length];
    try (var body = DecodedBodyTest.of(coding, Arrays.copyOfRange(bytes, 1, bytes.length), LIMIT)) {
      if (body.readAllBytes().length > LIMIT) throw new AssertionError("more than the limit");
    } catch (CodingException | Failure.ProtocolBroken e) {
      // The two ways in which a body may fail.
    } catch (IOException e) {
      throw new AssertionError("another failure", e);
    }
  }
}
