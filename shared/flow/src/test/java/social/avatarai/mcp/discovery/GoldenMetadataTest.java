package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static social.avatarai.mcp.FailureAssert.assertBroken;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Golden;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.ResourceUri;
import social.avatarai.mcp.Scopes;
import social.avatarai.mcp.discovery.DiscoveredResource.Found;

/** Reads the metadata that real providers publish. */
class GoldenMetadataTest {
  private final IssuerRules rules = new IssuerRules(Profiles.load(), Map.of(), Set.of(), Set.of(),
      Strictness.DEFAULT);

  @ParameterizedTest
  @CsvSource({
      "github,https://api.githubcopilot.com/mcp/,https://api.githubcopilot.com/mcp/,https://github.com/login/oauth",
      "github,https://api.githubcopilot.com/mcp,https://api.githubcopilot.com/mcp/,https://github.com/login/oauth",
      "notion,https://mcp.notion.com/mcp,https://mcp.notion.com,https://mcp.notion.com",
      "neon,https://mcp.neon.tech/mcp?readonly=true,https://mcp.neon.tech/mcp?readonly=true,https://mcp.neon.tech",
      "google,https://calendarmcp.googleapis.com/mcp,https://calendarmcp.googleapis.com/mcp,https://accounts.google.com/"})
  void takesTheResourceMetadataOf(String provider, String server, String resource, String issuer) {
    var metadata = ProtectedResourceMetadata.judge(new EndpointUrl(server),
        Golden.document(provider + "-resource-metadata"));

    assertThat(metadata.resource()).isEqualTo(new ResourceUri(resource));
    assertThat(metadata.authorizationServers()).containsExactly(new Issuer(issuer));
  }

  @Test
  void refusesTheMetadataOfNeonForAnotherQuery() {
    assertBroken(ErrorCode.RESOURCE_MISMATCH, () -> ProtectedResourceMetadata
        .judge(new EndpointUrl("https://mcp.neon.tech/mcp"), Golden.document("neon-resource-metadata")));
  }

  @ParameterizedTest
  @CsvSource({"github,https://github.com/login/oauth", "notion,https://mcp.notion.com", "neon,https://mcp.neon.tech",
      "google,https://accounts.google.com", "slack,https://slack.com",
      "keycloak,https://keycloak.example/realms/mcp"})
  void takesTheServerMetadataOf(String provider, String issuer) {
    assertThat(rules.requirePkce(judge(issuer, provider + "-server-metadata"))).isFalse();
  }

  @Test
  void findsGithubWithoutARegistrationEndpoint() {
    assertThat(judge("https://github.com/login/oauth", "github-server-metadata").registrationEndpoint()).isNull();
  }

  @Test
  void findsNotionWithoutMetadataDocuments() {
    assertThat(judge("https://mcp.notion.com", "notion-server-metadata").takesClientMetadataDocuments()).isFalse();
  }

  @Test
  void findsKeycloakAnnouncingIssAndOfflineAccess() {
    var metadata = judge("https://keycloak.example/realms/mcp", "keycloak-server-metadata");

    assertThat(metadata.sendsIss()).isTrue();
    assertThat(metadata.scopesSupported().contains("offline_access")).isTrue();
  }

  @Test
  void refusesGoogleUnderTheNameWithASlashThatItsResourcesUse() {
    assertBroken(ErrorCode.ISSUER_MISMATCH, () -> judge("https://accounts.google.com/", "google-server-metadata"));
  }

  @Test
  void takesGoogleByItsProfileUnderItsOwnNameThoughItsResourcesWriteASlash() {
    var server = new EndpointUrl("https://calendarmcp.googleapis.com/mcp");
    var resource = new DiscoveredResource(server,
        ProtectedResourceMetadata.judge(server, Golden.document("google-resource-metadata")), Found.WELL_KNOWN, server,
        Scopes.none());
    var issuer = rules.issuerOf(resource);

    assertThat(issuer).as("its spelling").isEqualTo(new Issuer("https://accounts.google.com/"));
    assertThatCode(() -> rules.requireBound(resource, issuer)).doesNotThrowAnyException();
    assertThat(
        AuthorizationServerMetadata.judgeWritten(issuer, null, Golden.document("google-server-metadata")).issuer())
        .isEqualTo(new Issuer("https://accounts.google.com"));
  }

  @Test
  void refusesSlackUnderTheNameOfItsMcpServer() {
    assertBroken(ErrorCode.ISSUER_MISMATCH, () -> judge("https://mcp.slack.com", "slack-server-metadata"));
  }

  @Test
  void takesATenantOfEntraAlthoughItSaysNothingOfPkceForItsProfileVouches() {
    var metadata = judge("https://login.microsoftonline.com/00000000-0000-4000-8000-00000000000a/v2.0",
        "entra-server-metadata");

    assertThat(rules.requirePkce(metadata)).isTrue();
  }

  @Test
  void takesATenantOfEntraThatTheOperatorVouchesFor() {
    var metadata = judge("https://login.microsoftonline.com/00000000-0000-4000-8000-00000000000a/v2.0",
        "entra-server-metadata");

    assertThat(new IssuerRules(Profiles.load(), Map.of(), Set.of(metadata.issuer()), Set.of(), Strictness.DEFAULT)
        .requirePkce(metadata))
        .isTrue();
  }

  @Test
  void refusesTheIssuerTemplateOfEntra() {
    assertBroken(ErrorCode.ISSUER_MISMATCH,
        () -> judge("https://login.microsoftonline.com/common/v2.0", "entra-server-metadata-common"));
  }

  private static AuthorizationServerMetadata judge(String issuer, String document) {
    return AuthorizationServerMetadata.judge(new Issuer(issuer), Golden.document(document));
  }
}
