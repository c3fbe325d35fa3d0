package social.avatarai.mcp.aws;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AwsClientsTest {
  private static final Map<String, String> LAMBDA = Map.of("AWS_REGION", "eu-north-1", "AWS_ACCESS_KEY_ID", "none",
      "AWS_SECRET_ACCESS_KEY", "none", "AWS_SESSION_TOKEN", "none");

  @Test
  void environmentOfAFunctionIsNotSearchedForMore() {
    assertThat(AwsClients.isDecidedBy(LAMBDA, Set.of("java.home"))).isTrue();
  }

  @Test
  void environmentWithoutCredentialsLeavesTheSearchToTheSdk() {
    assertThat(AwsClients.isDecidedBy(Map.of("AWS_REGION", "eu-north-1", "AWS_PROFILE", "mine"), Set.of())).isFalse();
    assertThat(AwsClients.isDecidedBy(Map.of(), Set.of())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"aws.region", "aws.accessKeyId"})
  void systemPropertyOverrulesTheEnvironmentAsInTheSdk(String property) {
    assertThat(AwsClients.isDecidedBy(LAMBDA, Set.of(property))).isFalse();
  }
}
