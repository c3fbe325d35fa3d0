package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.FailureAssert.assertFails;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;

class ReturnToTest {
  private final ReturnTo returnTo = new ReturnTo(List.of("https://app.example/done", "https://app.example/other?a=b"));

  @Test
  void takesAnyOfTheOperatorsUrls() {
    assertThat(returnTo.choose("https://app.example/done")).isEqualTo("https://app.example/done");
    assertThat(returnTo.choose("https://app.example/other?a=b")).isEqualTo("https://app.example/other?a=b");
  }

  @Test
  void takesTheFirstWhereNoneIsAskedFor() {
    assertThat(returnTo.choose(null)).isEqualTo("https://app.example/done");
    assertThat(new ReturnTo(List.of()).choose(null)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "https://evil.example", "//evil.example", "/\\evil.example", "https://app.example/done/",
      "https://app.example/done?x", "https://app.example/done#x", "https://APP.example/done",
      "https://app.example@evil.example/done", "https://app.example/done/../x", "javascript:alert(1)",
      "https://app.example/done ", "https://app.example/done,https://app.example/other?a=b"})
  void refusesEveryOtherUrl(String requested) {
    assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST, () -> returnTo.choose(requested));
    assertFails(Failure.BadRequest.class, ErrorCode.INVALID_REQUEST, () -> new ReturnTo(List.of()).choose(requested));
  }
}
