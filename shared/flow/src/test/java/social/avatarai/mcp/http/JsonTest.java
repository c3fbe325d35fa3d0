package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @Test
  void readsAnObject() {
    assertThat(Json.object(bytes("{\"a\":{\"b\":[1,true,null]}}")).orElseThrow().toString())
        .isEqualTo("{\"a\":{\"b\":[1,true,null]}}");
  }

  @Test
  void readsPastAByteOrderMark() {
    assertThat(Json.object(bytes("\ufeff{\"a\":1}"))).isPresent();
    assertThat(Json.object(bytes("\ufeff"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "{}x", "{} {}", "{\"a\":1,}", "{'a':1}", "{a:1}", "{\"a\":NaN}", "<html>",
      "nul",
      "{\"a\":01}", "// c\n{}"})
  void findsNothingInWhatIsNoJson(String text) {
    assertThat(Json.value(bytes(text))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "\"{}\"", "null", "true"})
  void findsNoObjectInAnotherValue(String text) {
    assertThat(Json.value(bytes(text))).isPresent();
    assertThat(Json.object(bytes(text))).isEmpty();
  }

  /** Two readers of one document must not see different values. */
  @ParameterizedTest
  @ValueSource(strings = {"{\"issuer\":\"a\",\"issuer\":\"b\"}", "{\"issuer\":\"a\",\"\\u0069ssuer\":\"b\"}",
      "{\"x\":[{\"a\":1,\"a\":1}]}"})
  void findsNothingWhereANameComesTwice(String text) {
    assertThat(Json.value(bytes(text))).isEmpty();
  }

  @Test
  void readsSoDeepAndNoDeeper() {
    assertThat(Json.value(bytes("[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH)))).isPresent();
    assertThat(Json.value(bytes("[".repeat(Json.MAX_DEPTH + 1) + "]".repeat(Json.MAX_DEPTH + 1)))).isEmpty();
    assertThat(Json.value(bytes("[".repeat(100_000)))).isEmpty();
    assertThat(Json.value(bytes("{\"a\":".repeat(100_000)))).isEmpty();
  }

  @Test
  void readsAMemberOnlyAsTheTextItIs() {
    var object = Json.object(bytes("{\"a\":\"x\",\"b\":\"\",\"c\":null,\"d\":1,\"e\":[\"x\"]}")).orElseThrow();

    assertThat(Json.text(object, "a")).hasValue("x");
    assertThat(Json.text(object, "A")).isEmpty();
    for (String member : new String[]{"b", "c", "d", "e", "f"})
      assertThat(Json.text(object, member)).isEmpty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void documentThatIsTooDeepIsFoundAmongOthers() {
    String enough = "[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH);
    var both = Json.objectOfDocuments(("{\"good\":" + enough + ",\"deep\":[" + enough + "]}").getBytes(UTF_8))
        .orElseThrow();
    assertThat(Json.isTooDeep(both.path("good"))).isFalse();
    assertThat(Json.isTooDeep(both.path("deep"))).isTrue();
    String far = "[".repeat(3 * Json.MAX_DEPTH) + "]".repeat(3 * Json.MAX_DEPTH);
    assertThat(Json.objectOfDocuments(("{\"far\":" + far + "}").getBytes(UTF_8))).isEmpty();
  }
}
