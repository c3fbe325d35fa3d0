package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.lambda.Settings;
import social.avatarai.mcp.testkit.MemoryVault;

/** The client that {@code MCP_GITHUB_GITHUB_CLIENT_ID} and {@code _SECRET} give to a local run. */
class OperatorClientOfALocalRunTest {
  private static final Map<String, String> GIVEN = Map.of("MCP_GITHUB_GITHUB_CLIENT_ID", "invented-id",
      "MCP_GITHUB_GITHUB_CLIENT_SECRET", "invented-secret");

  private static Map<String, String> forHandlers(Map<String, String> environment) throws IOException {
    return new LocalSettings(environment).forHandlers(Template.read(Path.of("..", "template.yaml")));
  }

  @Test
  void handlersGetTheNameOfAPlainSecretAndFindTheSecretUnderIt() throws Exception {
    var settings = forHandlers(GIVEN);

    assertThat(settings.values()).doesNotContain("invented-secret");
    assertThat(Settings.read(settings, Profiles.load()).operatorClients()).singleElement()
        .satisfies(client -> assertThat(new EnvironmentSecrets(new MemoryVault(), GIVEN)
            .read(String.valueOf(client.secretName()))).contains("invented-secret"));
  }

  @Test
  void allOtherSecretsAreInTheVault() {
    var secrets = new EnvironmentSecrets(new MemoryVault(), GIVEN);

    assertThat(secrets.create("local/client/a", "one")).isTrue();
    secrets.replace("local/client/a", "two");
    assertThat(secrets.read("local/client/a")).contains("two");
    secrets.delete("local/client/a");
    assertThat(secrets.read("local/client/a")).isEmpty();
    assertThat(secrets.read(EnvironmentSecrets.nameOf("MCP_OTHER_CLIENT_SECRET"))).isEmpty();
  }

  @Test
  void aRunWithoutAPlainSecretHasNoNameOfOne() throws Exception {
    assertThat(forHandlers(Map.of())).containsEntry("MCP_GITHUB_GITHUB_CLIENT_SECRET_NAME", "");
  }
}
