package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  private static String nested(int levels) {
    return "[".repeat(levels) + "]".repeat(levels);
  }

  @Test
  void documentThatIsTooDeepLeavesTheOthersReadable() {
    String documents = "{\"servers\":[{},{\"deep\":" + nested(Json.MAX_DEPTH) + "}]}";
    assertThat(Json.object(bytes(documents))).isEmpty();
    assertThat(Json.objectOfDocuments(bytes(documents))).isPresent();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      {'servers':[{},{'a':{'secret':1,'secret':2}}]} | The body has two members with one name in one object, in the record servers[1] (line 1, column 41).
      {'a':1,'a':2}                                  | The body has two members with one name in one object (line 1, column 11).
      {'servers':[{},{'a':}]}                        | The body is not JSON, in the record servers[1] (line 1, column 22).
      servers                                        | The body is not JSON (line 1, column 8).
      [{'servers':[]}]                               | The body is not a JSON object.
      {'servers':[]} x                               | The body is not JSON (line 1, column 17).
      """)
  void whatIsWrongWithABodyIsSaidWithItsPlaceAndWithoutItsText(String body, String expected) {
    byte[] bytes = bytes(body.replace('\'', '"'));
    assertThat(Json.objectOfDocuments(bytes)).isEmpty();
    assertThat(Json.faultOfDocuments(bytes)).isEqualTo(expected);
  }

  @Test
  void numberThatIsTooLongIsSaidWithTheRecord() {
    byte[] bytes = bytes("{\"servers\":[{\"createdAt\":" + "1".repeat(2000) + "}]}");
    assertThat(Json.objectOfDocuments(bytes)).isEmpty();
    assertThat(Json.faultOfDocuments(bytes))
        .startsWith("The body has a name or a number that is too long, in the record servers[0] (line 1, column ");
  }

  @Test
  void nestingOfOneRecordThatIsFarTooDeepIsSaidWithTheRecord() {
    byte[] bytes = bytes("{\"servers\":[{},{\"deep\":" + nested(3 * Json.MAX_DEPTH) + "}]}");
    assertThat(Json.objectOfDocuments(bytes)).isEmpty();
    assertThat(Json.faultOfDocuments(bytes))
        .startsWith("The body is nested deeper than 600 levels, in the record servers[1] (line 1, column ");
  }
}
