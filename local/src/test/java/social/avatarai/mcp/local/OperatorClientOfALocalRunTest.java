package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  @Test
  void clientsOfAllOtherProvidersAreGivenInTheSameWay() throws Exception {
    var given = Map.of("MCP_SLACK_CLIENT_ID", "invented-id", "MCP_SLACK_CLIENT_SECRET", "invented-secret");
    var settings = forHandlers(given);

    assertThat(settings.values()).doesNotContain("invented-secret");
    assertThat(Settings.read(settings, Profiles.load()).operatorClients()).singleElement()
        .satisfies(client -> assertThat(new EnvironmentSecrets(new MemoryVault(), given)
            .read(String.valueOf(client.secretName()))).contains("invented-secret"));
  }

  @Test
  void profilesOfAFileAreKnownToTheHandlers(@TempDir Path folder) throws Exception {
    var file = Files.writeString(folder.resolve("providers.json"),
        "{\"acme\":{\"issuer\":\"https://auth.acme.example\"}}");

    var settings = forHandlers(Map.of("PROVIDER_PROFILES_FILE", file.toString()));

    assertThat(Settings.read(settings, Profiles.load()).profiles().named("acme")).isPresent();
  }

  @Test
  void faultOfAFileNamesTheFileTheProfileAndTheMember(@TempDir Path folder) throws Exception {
    var file = Files.writeString(folder.resolve("providers.json"), "{\"acme\":{\"issuers\":\"a\"}}");
    var local = new LocalSettings(Map.of("PROVIDER_PROFILES_FILE", file.toString()));

    assertThat(Settings.faults(local.forHandlers(Template.read(Path.of("..", "template.yaml"))), Profiles.load()))
        .extracting(local::inItsPlace).containsExactly(file + " acme: issuer is missing");
    assertThat(new LocalSettings(Map.of("PROVIDER_PROFILES_FILE", folder.resolve("none").toString())).faults())
        .singleElement().asString().startsWith("PROVIDER_PROFILES_FILE cannot be read");
  }
}
