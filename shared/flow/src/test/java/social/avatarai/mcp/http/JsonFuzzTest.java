package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Fuzzes bytes from other parties. They are JSON or nothing, and never cause an exception. */
class JsonFuzzTest {

  @FuzzTest
  void readsJsonOrNothing(byte[] bytes) {
    var value = Json.value(bytes);
    if (value.isPresent() && Json.value(value.get().toString().getBytes(UTF_8)).isEmpty()) {
      throw new AssertionError("what was read once cannot be read again");
    }
    Json.object(bytes).ifPresent(object -> Json.text(object, "issuer"));
  }
}
