package social.avatarai.mcp.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.WebhookSecret;

class WebhookSignatureTest {
  private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(UTF_8);
  private static final String KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwSw";
  /** What the published libraries of npm (1.1.1) and PyPI (1.1.0) make of these values. */
  private static final String SIGNATURE = "v1,pZN3CVESPCUuihODVQNgWONmlcH9xCz9b1ykcK53XqY=";

  private static String signature(String... secrets) {
    return WebhookSignature.of("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY,
        List.of(secrets).stream().map(WebhookSecret::new).toList());
  }

  @Test
  void signsAsThePublishedLibrariesDo() {
    assertThat(signature("whsec_" + KEY)).isEqualTo(SIGNATURE);
    assertThat(signature(KEY)).isEqualTo(SIGNATURE);
  }

  @Test
  void signsWithBothSecretsWhileTheyAreRotated() {
    String other = Base64.getEncoder().encodeToString(new byte[32]);

    assertThat(signature(other, KEY).split(" ", -1)).hasSize(2).endsWith(SIGNATURE).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"whsec_c2hvcnQ=", "not Base64!", "whsec_"})
  void takesNoSecretThatIsNoKey(String secret) {
    assertThatThrownBy(() -> new WebhookSecret(secret).key()).isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(secret).hasNoCause();
  }
}
