package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderValueTest {

  @ParameterizedTest
  @ValueSource(strings = {"us-west1", "us west 1", "", "file:///a%20b", "=?base64?open", "closed?=", "a\"b~!"})
  void leavesPlainTextAsItIs(String text) {
    assertThat(HeaderValue.of(text)).isEqualTo(text);
  }

  /** The specification's own examples. */
  @Test
  void encodesWhatAHeaderCannotCarry() {
    assertThat(HeaderValue.of("Hello, 世界")).isEqualTo("=?base64?SGVsbG8sIOS4lueVjA==?=");
    assertThat(HeaderValue.of(" padded ")).isEqualTo("=?base64?IHBhZGRlZCA=?=");
    assertThat(HeaderValue.of("=?base64?literal?=")).isEqualTo("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=");
  }

  @Test
  void encodesLineEnds() {
    assertThat(HeaderValue.of("line1\nline2")).isEqualTo("=?base64?bGluZTEKbGluZTI=?=");
    assertThat(HeaderValue.of("line1\r\nMcp-Name: x")).startsWith("=?base64?").doesNotContain("\r", "\n");
    assertThat(HeaderValue.of("\tindented")).startsWith("=?base64?");
    assertThat(HeaderValue.of("in\tside")).startsWith("=?base64?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"us-west1", "", "Hello, 世界", " padded ", "=?base64?literal?=", "line1\nline2", "=?base64?=",
      "in\tside"})
  void readsWhatItWrites(String text) {
    assertThat(HeaderValue.read(HeaderValue.of(text))).hasValue(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"世界", "line1\nline2", "=?base64?!?=", "=?base64?=", "nul\0"})
  void readsNothingMalformed(String header) {
    assertThat(HeaderValue.read(header)).isEmpty();
  }
}
