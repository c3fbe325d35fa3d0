package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StdioNameTest {
  @ParameterizedTest
  @ValueSource(strings = {"everything", "A.b-c_1", "9"})
  void nameIsReadFromTheUrlThatStandsForIt(String name) {
    assertThat(StdioName.of(new StdioName(name).url())).contains(new StdioName(name));
    assertThat(StdioName.isReserved(new StdioName(name).url())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "-x", "a/b", "a b", "/bin/sh", "é", "a%2e", "a\n",
      "a1234567890123456789012345678901234567890123456789012345678901234"})
  void otherTextsAreNoNames(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> new StdioName(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://stdio.invalid", "https://stdio.invalid/", "https://stdio.invalid/a/b",
      "https://stdio.invalid/a?b", "https://stdio.invalid:8443/a", "https://STDIO.invalid/a", "https://mcp.example/a"})
  void otherUrlsStandForNoProgram(String url) {
    assertThat(StdioName.of(new EndpointUrl(url))).isEmpty();
  }

  @Test
  void hostIsReservedInEverySpelling() {
    assertThat(StdioName.isReserved(new EndpointUrl("https://STDIO.INVALID:8443/x"))).isTrue();
    assertThat(StdioName.isReserved(new EndpointUrl("https://stdio.example/x"))).isFalse();
  }
}
