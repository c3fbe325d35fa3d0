package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Failure;

/** What keeps a function from starting on AWS. */
class AwsPlatformTest {

  @ParameterizedTest
  @ValueSource(strings = {"ALLOW_LOOPBACK", "SESSION_BINDING", "WEBHOOK_SECRET", "MCP_GITHUB_GITHUB_CLIENT_SECRET",
      "MCP_EXAMPLE_CLIENT_SECRET"})
  void aDeploymentDoesNotStartWithASettingOfTheLocalRunner(String name) {
    assertThatThrownBy(() -> AwsPlatform.refuseLocalSettings(Set.of("TOKENS_TABLE", name)))
        .isInstanceOf(Failure.Misconfigured.class).hasMessage(name + " exists for the local runner only.");
  }

  @Test
  void aDeploymentStartsWithTheNameOfASecret() {
    assertThatCode(() -> AwsPlatform.refuseLocalSettings(
        Set.of("CLIENT_SECRET_PREFIX", "USER_CLIENT_SECRETS", "MCP_GITHUB_GITHUB_CLIENT_SECRET_NAME",
            "WEBHOOK_SECRET_NAME")))
        .doesNotThrowAnyException();
  }
}
