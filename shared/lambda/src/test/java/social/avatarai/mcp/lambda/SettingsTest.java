package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Budgets;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.discovery.Strictness;
import social.avatarai.mcp.http.Cidr;

class SettingsTest {
  private static final Map<String, String> REQUIRED = Map.of("SESSIONS_TABLE", "s", "TOKENS_TABLE", "t", "DUE_TABLE",
      "d",
      "REGISTRATIONS_TABLE", "r", "SERVERS_TABLE", "v", "KEY_RING_SECRET", "k", "SIGNING_KEY_SECRET", "g",
      "CLIENT_SECRET_PREFIX", "p");

  /** A map that records which settings are read. */
  private static final class RecordingEnvironment extends HashMap<String, String> {
    private final Set<String> names = new LinkedHashSet<>();

    RecordingEnvironment(Map<String, String> values) {
      super(values);
    }

    @Override
    public @Nullable String get(Object name) {
      names.add(String.valueOf(name));
      return super.get(name);
    }
  }

  @Test
  void readsExactlyWhatTheTemplateSets() throws IOException {
    var recording = new RecordingEnvironment(REQUIRED);
    settingsOfTheTemplate().forEach(name -> recording.putIfAbsent(name, ""));
    Settings.read(recording, Profiles.load());
    assertThat(recording.names).containsExactlyInAnyOrderElementsOf(settingsOfTheTemplate());
  }

  private static Set<String> settingsOfTheTemplate() throws IOException {
    String template = Files.readString(Path.of("..", "..", "template.yaml"));
    String globals = template.substring(template.indexOf("\nGlobals:"), template.indexOf("\nResources:"));
    String variables = globals.substring(globals.indexOf("Variables:") + "Variables:".length());
    var names = new LinkedHashSet<String>();
    var line = Pattern.compile("^ {8}([A-Z_]+): ", Pattern.MULTILINE).matcher(variables);
    while (line.find())
      names.add(line.group(1));
    assertThat(names).hasSizeGreaterThan(10);
    return names;
  }

  @Test
  void takesTheDefaultsWhereNothingIsSet() {
    var settings = Settings.read(REQUIRED, Profiles.load());
    assertThat(settings.publicBase()).isNull();
    assertThat(settings.fullTokenResponses()).isTrue();
    assertThat(settings.userClaim()).isEqualTo("sub");
    assertThat(settings.clientMetadataUrl()).isNull();
    assertThat(settings.plainCallbackIssuers()).isEmpty();
    assertThat(settings.returnTo()).isEmpty();
    assertThat(settings.strictness()).isEqualTo(new Strictness(false, false));
    assertThat(settings.operatorClients()).isEmpty();
  }

  @Test
  void readsTheBudgetsOfAUser() {
    assertThat(Settings.read(REQUIRED, Profiles.load()).budgets()).isEqualTo(new Budgets(600, 200, 8));
    var environment = new HashMap<>(REQUIRED);
    environment.putAll(Map.of("BUDGET_REQUESTS_PER_HOUR", "0", "BUDGET_GRANTS", "20", "BUDGET_SLOW_CALLS", "3"));
    assertThat(Settings.read(environment, Profiles.load()).budgets()).isEqualTo(new Budgets(0, 20, 3));
    environment.put("BUDGET_GRANTS", "-1");
    assertThatThrownBy(() -> Settings.read(environment, Profiles.load()))
        .hasMessageContaining("BUDGET_GRANTS must be a number from 0");
  }

  @Test
  void keepsUsersClientSecretsInTheTableWhereItIsSaid() {
    var environment = new HashMap<>(REQUIRED);
    assertThat(Settings.read(environment, Profiles.load()).userSecretsInTable()).isFalse();
    environment.put("USER_CLIENT_SECRETS", "table");
    assertThat(Settings.read(environment, Profiles.load()).userSecretsInTable()).isTrue();
    environment.put("USER_CLIENT_SECRETS", "parameters");
    assertThatThrownBy(() -> Settings.read(environment, Profiles.load()))
        .hasMessageContaining("USER_CLIENT_SECRETS must be secretsmanager or table");
  }

  @Test
  void refusesForeignIssuersAndInexactResourcesWhereItIsSaid() {
    var environment = new HashMap<>(REQUIRED);
    environment.put("FOREIGN_ISSUERS", "refuse");
    assertThat(Settings.read(environment, Profiles.load()).strictness()).isEqualTo(new Strictness(true, false));
    environment.put("FOREIGN_ISSUERS", "warn");
    environment.put("EXACT_RESOURCES", "on");
    assertThat(Settings.read(environment, Profiles.load()).strictness()).isEqualTo(new Strictness(false, true));
    environment.putAll(Map.of("FOREIGN_ISSUERS", "no", "EXACT_RESOURCES", "true"));
    assertThat(Settings.faults(environment, Profiles.load())).containsExactly("FOREIGN_ISSUERS must be warn or refuse",
        "EXACT_RESOURCES must be on or off");
  }

  @Test
  void reportsAllFaultsTogether() {
    var wrong = new HashMap<>(REQUIRED);
    wrong.remove("TOKENS_TABLE");
    wrong.put("TOKEN_RESPONSES", "some");
    wrong.put("PUBLIC_BASE_URL", "https://app.example.com/path");
    wrong.put("RETURN_TO_ALLOWLIST", "https://app.example.com/done,http://app.example.com/done");
    wrong.put("ISSUER_BINDINGS", "https://mcp.example.com");
    wrong.put("PLAIN_CALLBACK_ISSUERS", "https://auth.example.com,auth.example.com,https://auth.example.com?tenant=1");
    wrong.put("CLIENT_METADATA_URL", "https://{context}.example.com/client.json");
    wrong.put("FORBIDDEN_NETWORKS", "203.0.113.9/24,office");
    assertThatThrownBy(() -> Settings.read(wrong, Profiles.load())).isInstanceOf(Failure.Misconfigured.class)
        .hasMessageContainingAll("TOKENS_TABLE is missing", "TOKEN_RESPONSES must be full or reference",
            "PUBLIC_BASE_URL must be", "RETURN_TO_ALLOWLIST must be an https URL", "ISSUER_BINDINGS must be",
            "PLAIN_CALLBACK_ISSUERS is not an absolute URL with a host", "PLAIN_CALLBACK_ISSUERS must have no query",
            "CLIENT_METADATA_URL must have {context} once, in its path",
            "FORBIDDEN_NETWORKS must be networks such as 192.0.2.0/24 or 2001:db8::/32;"
                + " FORBIDDEN_NETWORKS must be networks");
  }

  /** What the template gives: the ARN, of which Secrets Manager makes up the end. */
  private static final String OPERATORS_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:p/operator-client/github-a1B2c3";

  @Test
  void readsBindingsExceptionsAndTheOperatorsClient() {
    var environment = new HashMap<>(REQUIRED);
    environment.put("ISSUER_BINDINGS", "https://mcp.example.com=https://auth.example.com/tenant");
    environment.put("PKCE_EXCEPTIONS", "https://auth.example.com");
    environment.put("PLAIN_CALLBACK_ISSUERS", "https://x.example.com, https://notion.example.com/");
    environment.put("CLIENT_METADATA_URL", "https://www.example.com/{context}.json");
    environment.put("MCP_GITHUB_GITHUB_CLIENT_ID", "invented-id");
    environment.put("MCP_GITHUB_GITHUB_CLIENT_SECRET_NAME", OPERATORS_SECRET);
    environment.put("FORBIDDEN_NETWORKS", "198.51.100.0/24, 2001:db8::/32");
    var settings = Settings.read(environment, Profiles.load());
    assertThat(settings.bindings()).containsEntry("https://mcp.example.com",
        new Issuer("https://auth.example.com/tenant"));
    assertThat(settings.pkceExceptions()).containsExactly(new Issuer("https://auth.example.com"));
    assertThat(settings.plainCallbackIssuers()).containsExactlyInAnyOrder(new Issuer("https://x.example.com"),
        new Issuer("https://notion.example.com/"));
    assertThat(settings.clientMetadataUrl()).hasToString("https://www.example.com/{context}.json");
    assertThat(settings.operatorClients()).singleElement().satisfies(client -> {
      assertThat(client.id().value()).isEqualTo("invented-id");
      assertThat(client.secretName()).isEqualTo(OPERATORS_SECRET);
    });
    assertThat(settings.forbiddenNetworks()).containsExactly(Cidr.parse("198.51.100.0/24"),
        Cidr.parse("2001:db8::/32"));
  }
}
