package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.http.ResponseHead;

class RefusalTest {

  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {"401; ''", "401; Bearer", "401; Bearer error=\"invalid_token\"",
      "401; Bearer error=\"insufficient_scope\"", "400; Bearer error=\"invalid_token\"",
      "403; Bearer error=\"invalid_token\", error_description=\"expired\""})
  void statusOrTheWordInTheChallengeRefusesTheToken(int status, String challenge) {
    assertThat(denied(status, challenge)).get().isInstanceOf(McpResponse.Unauthorized.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer", "Bearer error=\"insufficient_scope\", scope=\"files\"",
      "Bearer error=\"insufficient_scope\", error_description=\"invalid_token\"", "Basic error=\"invalid_token\""})
  void forbiddenRequestIsNoRefusalOfTheToken(String challenge) {
    assertThat(denied(403, challenge)).get().isInstanceOf(McpResponse.Forbidden.class);
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', value = {"400; ''", "400; Bearer", "400; Bearer error=\"invalid_request\"",
      "404; Bearer error=\"invalid_token\"", "405; Bearer error=\"invalid_token\"",
      "500; Bearer error=\"invalid_token\"", "503; Bearer error=\"invalid_token\"",
      "200; Bearer error=\"invalid_token\""})
  void anyOtherResponseSaysNothingOfTheToken(int status, String challenge) {
    assertThat(denied(status, challenge)).isEmpty();
  }

  private static Optional<McpResponse> denied(int status, String challenge) {
    return Refusal.denied(new ResponseHead(status,
        challenge.isEmpty() ? Map.of() : Map.of("www-authenticate", List.of(challenge))));
  }
}
