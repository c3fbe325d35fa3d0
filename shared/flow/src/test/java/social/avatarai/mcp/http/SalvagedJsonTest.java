package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.SalvagedJson.Fault;

class SalvagedJsonTest {
  private static final String PAIR = "{\"access_token\":\"a\",\"refresh_token\":\"r\"}";

  @Test
  void plainJsonHasNoFault() {
    assertThat(Json.salvaged(" " + PAIR + "\r\n")).isEqualTo(new SalvagedJson.Value(plain(), Set.of()));
    assertThat(response("application/json", UTF_8, "\ufeff" + PAIR).faultsAround()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"<!-- served by node 7 -->", "x", "null", "[]", "}", "<script>{}</script>", "{closure}",
      "{{{{",
      "{\"access_tok", "{}{}", "function f() { return {a: 1}; }",
      "{\"access_token\":\"a\",\"refresh_token\":\"r\"}", "{\"access_token\":\"a\",\"refresh_token\":\"r\"}\n\n;"})
  void textBehindTheValueIsSkipped(String behind) {
    var read = Json.salvaged(PAIR + "\n" + behind);

    assertThat(read.object()).hasValue(plain());
    assertThat(read.faultsAround()).containsExactly(Fault.TEXT_BEHIND);
  }

  @ParameterizedTest
  @ValueSource(strings = {")]}',\n", "while(1);", "{}",
      "PHP Warning:  Undefined variable $x in {closure}() on line 3\n", "if (a) { {", "[2026-01-11 10:00:00] {main} \n",
      "<br />\n<b>Notice</b>: Undefined index: nonce [8]<br />\n"})
  void textBeforeTheValueIsSkipped(String before) {
    var read = Json.salvaged(before + PAIR);

    assertThat(read.object()).hasValue(plain());
    assertThat(read.faultsAround()).containsExactly(Fault.TEXT_BEFORE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1,\"a\":1}", "{\"a\":{\"b\":[1,null]},\"\\u0061\":{\"b\":[1,null]}}",
      "[{\"a\":\"x\",\"b\":2,\"a\":\"x\"}]"})
  void aNameThatStandsTwiceWithEqualValuesIsTaken(String text) {
    assertThat(Json.salvaged(text).faultsAround()).containsExactly(Fault.REPEATED_NAME);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"a\":1,\"a\":\"1\"}",
      "[{\"a\":1,\"a\":null}]",
      "{\"x\":{\"a\":[1],\"a\":[2]}}", "{\"a\":1,\"a\":1,\"a\":2}"})
  void aNameThatStandsTwiceWithDifferentValuesIsAmbiguous(String text) {
    assertThat(Json.salvaged(text)).isEqualTo(new SalvagedJson.Ambiguous());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"access_token\":\"b\"}", "{\"error\":\"invalid_grant\"}", "x {\"a\":1}",
      "<p>{closure}</p>{}\n{\"access_token\":\"b\"}", "{\"access_token\":\"a\",\"refresh_token\":\"r\"} {\"a\":1}"})
  void anotherObjectAnywhereBehindTheFirstIsAmbiguous(String behind) {
    assertThat(Json.salvaged(PAIR + behind)).isEqualTo(new SalvagedJson.Ambiguous());
  }

  @Test
  void endlessRepetitionCostsLittle() {
    assertThat(Json.salvaged("{}".repeat(100_000)).object()).hasValue(Json.newObject());
    assertThat(Json.salvaged("{".repeat(100_000))).isEqualTo(new SalvagedJson.NoJson());
    assertThat(Json.salvaged(PAIR + "{".repeat(100_000)).object()).hasValue(plain());
  }

  @Test
  void objectBehindMoreBracesThanAreTriedIsNotFound() {
    assertThat(Json.salvaged("{x}".repeat(LenientJson.MAX_BRACES - 1) + PAIR).object()).hasValue(plain());
    assertThat(Json.salvaged("{x}".repeat(LenientJson.MAX_BRACES) + PAIR)).isEqualTo(new SalvagedJson.NoJson());
    String other = "{x}".repeat(LenientJson.MAX_BRACES_BEHIND - 2) + "{\"a\":1}";
    assertThat(Json.salvaged(PAIR + other)).isEqualTo(new SalvagedJson.Ambiguous());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":{\"b\":1},\"c\":", "{\"a\":{\"b\":1}, oops}", "[{\"b\":1},{\"b\":2}",
      "[{\"b\":1} oops]"})
  void partOfAnUnfinishedOrBrokenValueIsNoValue(String text) {
    assertThat(Json.salvaged(text)).isEqualTo(new SalvagedJson.NoJson());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE"})
  void valueInAnotherCharsetIsReadWhateverTheHeaderSays(String charset) {
    var read = response("application/json; charset=utf-8", Charset.forName(charset), PAIR);

    assertThat(read.object()).hasValue(plain());
    assertThat(read.faultsAround()).containsExactly(Fault.CHARSET);
  }

  @Test
  void charsetOfTheHeaderCountsWhereTheBytesAreNotInUtf8() {
    assertThat(
        response("application/json; charset=ISO-8859-15", Charset.forName("ISO-8859-15"), "{\"a\":\"€\"}").object())
        .hasValue(Json.newObject().put("a", "€"));
    assertThat(response("application/json; charset=x-unknown", ISO_8859_1, "{\"a\":\"é\"}").object())
        .hasValue(Json.newObject().put("a", "é"));
    assertThat(response("application/json; charset=ISO-8859-1", UTF_8, "{\"a\":\"é\"}").object())
        .hasValue(Json.newObject().put("a", "é"));
    assertThat(response("text/plain", UTF_16LE, "").object()).isEmpty();
    assertThat(response("text/plain", UTF_16, "x").object()).isEmpty();
  }

  @Test
  void jsonInAStringIsRead() {
    var read = Json.salvaged("\"{\\\"access_token\\\":\\\"a\\\",\\\"refresh_token\\\":\\\"r\\\"}\"");

    assertThat(read.object()).hasValue(plain());
    assertThat(read.faultsAround()).containsExactly(Fault.JSON_IN_A_STRING);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "<html><style>p {color: red}</style></html>", "{", "{\"a\":1", "[1,2", "{'a':1}",
      "nul",
      "a=b&c=d", "\"{\\\"a\\\"\""})
  void whatHoldsNoValueHasNone(String text) {
    assertThat(Json.salvaged(text)).isEqualTo(new SalvagedJson.NoJson());
  }

  @Test
  void aValueThatIsNestedTooDeepSaysSo() {
    String deepest = "{\"a\":".repeat(Json.MAX_DEPTH) + "1" + "}".repeat(Json.MAX_DEPTH);

    assertThat(Json.salvaged(deepest).object()).isPresent();
    assertThat(Json.salvaged("[" + deepest + "]")).isEqualTo(new SalvagedJson.TooDeep());
    assertThat(Json.salvaged("[".repeat(100_000))).isEqualTo(new SalvagedJson.TooDeep());
    assertThat(Json.salvaged("{\"a\":".repeat(100_000))).isEqualTo(new SalvagedJson.TooDeep());
  }

  @Test
  void codingOfTheBodyIsAFaultToo() {
    var head = new ResponseHead(200, Map.of("content-encoding", List.of("gzip")));

    assertThat(new HttpResponse(head, PAIR.getBytes(UTF_8)).salvaged().faultsAround())
        .containsExactly(Fault.CONTENT_CODING);
  }

  private static SalvagedJson response(String contentType, Charset charset, String text) {
    return new HttpResponse(new ResponseHead(200, Map.of("content-type", List.of(contentType))), text.getBytes(charset))
        .salvaged();
  }

  private static ObjectNode plain() {
    return Json.newObject().put("access_token", "a").put("refresh_token", "r");
  }
}
