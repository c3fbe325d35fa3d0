package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.JsonText;

/** What we read and write without Jackson's {@code ObjectMapper} is what the mapper reads and writes. */
class JsonTreeTest {
  private static final ObjectMapper MAPPER = new ObjectMapper()
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .configure(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES, false);

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "null", "true", "\"\"", "0", "-1", "2147483648", "9223372036854775808", "1.50",
      "1e400", "-0.0", "12345678901234567890.123456789012345678900",
      "{\"a\":[1,{\"b\":null,\"c\":[[],{}]},\"x\"],\"d\":{\"e\":false}}",
      "{\"text\":\"\\u0000\\u001f\\\"\\\\/\\b\\f\\n\\r\\t\\u2028\\ud83d\\ude00é\"}", " { \"a\" : 1 } "})
  void treeAndTextAreThoseOfTheMapper(String json) throws IOException {
    JsonNode expected = MAPPER.readTree(json);
    JsonNode tree = Json.value(json.getBytes(UTF_8)).orElseThrow();
    assertThat(tree).isEqualTo(expected);
    assertThat(JsonText.of(tree)).isEqualTo(expected.toString());
    assertThat(JsonText.bytes(tree)).isEqualTo(MAPPER.writeValueAsBytes(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "[1", "{}{}", "{} x", "1 2", "{\"a\"}", "{'a':1}", "NaN", "[1,]", "01"})
  void whatTheMapperRefusesIsRefused(String text) {
    assertThat(Json.value(text.getBytes(UTF_8))).isEmpty();
  }

  @Test
  void eventWithoutContentIsNoValue() throws IOException {
    assertThat(Json.ofAws(new ByteArrayInputStream(new byte[0])).isMissingNode()).isTrue();
  }

  @Test
  void numbersOfTheLogAreWritten() {
    var line = JsonNodeFactory.instance.objectNode().putPOJO("long", 5L).putPOJO("double", 0.5).putPOJO("is", true);
    assertThat(JsonText.of(line)).isEqualTo("{\"long\":5,\"double\":0.5,\"is\":true}");
  }

  @Test
  void missingNodeIsNotWritten() {
    var missing = JsonNodeFactory.instance.missingNode();
    assertThatThrownBy(() -> JsonText.of(missing)).isInstanceOf(IllegalArgumentException.class);
  }
}
