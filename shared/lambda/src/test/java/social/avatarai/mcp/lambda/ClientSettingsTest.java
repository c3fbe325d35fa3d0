package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ClientAuthenticationMethod;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.PublicBase;
import social.avatarai.mcp.RedirectUri;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.registration.OperatorClients.Configured;

class ClientSettingsTest {
  private static final Map<String, String> REQUIRED = Map.of("SESSIONS_TABLE", "s", "TOKENS_TABLE", "t", "DUE_TABLE",
      "d", "REGISTRATIONS_TABLE", "r", "SERVERS_TABLE", "v", "KEY_RING_SECRET", "k", "SIGNING_KEY_SECRET", "g",
      "CLIENT_SECRET_PREFIX", "stack");

  private static final String GITHUB_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:stack/operator-client/github-a1B2c3";

  private static Map<String, String> environment(String... namesAndValues) {
    var environment = new HashMap<>(REQUIRED);
    for (int i = 0; i < namesAndValues.length; i += 2)
      environment.put(namesAndValues[i], namesAndValues[i + 1]);
    return environment;
  }

  private static List<Configured> clients(String... namesAndValues) {
    return Settings.read(environment(namesAndValues), Profiles.load()).operatorClients();
  }

  private static List<String> faults(String... namesAndValues) {
    return Settings.faults(environment(namesAndValues), Profiles.load());
  }

  @Test
  void areVariablesOfTheirOwn() {
    assertThat(clients("MCP_GITHUB_GITHUB_CLIENT_ID", "invented-id", "MCP_GITHUB_GITHUB_CLIENT_SECRET_NAME",
        GITHUB_SECRET)).singleElement().satisfies(client -> {
          assertThat(client.profile().issuer()).isEqualTo(new Issuer("https://github.com/login/oauth"));
          assertThat(client.id()).isEqualTo(new ClientId("invented-id"));
          assertThat(client.secretName()).isEqualTo(GITHUB_SECRET);
        });
  }

  @Test
  void standInOneVariableForEveryOtherProvider() {
    var clients = clients("PLAIN_CALLBACK_ISSUERS", "https://accounts.google.com", "MCP_CLIENTS",
        "MCP_SLACK_CLIENT_ID=12.34,"
            + "MCP_SLACK_CLIENT_SECRET_NAME=stack/operator-client/slack, MCP_GOOGLE_CLIENT_ID=a=b,"
            + "MCP_GOOGLE_REDIRECT_URI=https://api.example.com/api/mcp/oauth/callback,"
            + "MCP_GOOGLE_TOKEN_ENDPOINT_AUTH_METHOD=client_secret_post,"
            + "MCP_GOOGLE_CLIENT_SECRET_NAME=stack/operator-client/google");

    assertThat(clients).extracting(client -> client.profile().issuer().value())
        .containsExactly("https://accounts.google.com", "https://mcp.slack.com");
    assertThat(clients.getFirst().id()).isEqualTo(new ClientId("a=b"));
    assertThat(clients.getFirst().method()).isEqualTo(ClientAuthenticationMethod.CLIENT_SECRET_POST);
    assertThat(clients.getFirst().redirectUri())
        .isEqualTo(new RedirectUri("https://api.example.com/api/mcp/oauth/callback"));
  }

  /** The bug: the flow of the first user found it, and ended with 500. */
  @ParameterizedTest
  @CsvSource({"https://other.example/api/mcp/oauth/callback,https://api.example.com",
      "https://api.example.com/api/mcp/oauth/callbacks,https://api.example.com",
      "https://api.example.com/api/mcp/oauth/callbacks,''"})
  void redirectUriThatNoFlowUsesIsAFault(String redirectUri, String base) {
    var found = faults("PUBLIC_BASE_URL", base, "MCP_CLIENTS",
        "MCP_GITHUB_GITHUB_CLIENT_ID=a,MCP_GITHUB_GITHUB_REDIRECT_URI=" + redirectUri);

    assertThat(found).singleElement().asString().contains("MCP_GITHUB_GITHUB_REDIRECT_URI", "redirect-uri");
  }

  @Test
  void redirectUriIsTheIssuersOwnOrTheSharedOneWhereThatIsAllowed() {
    var base = new PublicBase("https://api.example.com");
    String own = base.callback(IssuerContext.of(new Issuer("https://mcp.slack.com"))).value();
    String slack = "MCP_SLACK_CLIENT_ID=a,MCP_SLACK_REDIRECT_URI=";
    assertThat(faults("MCP_CLIENTS", slack + own)).isEmpty();
    assertThat(faults("MCP_CLIENTS", slack + base.plainCallback())).hasSize(1);
    assertThat(faults("MCP_CLIENTS", slack + base.plainCallback(), "PLAIN_CALLBACK_ISSUERS", "https://mcp.slack.com"))
        .isEmpty();
  }

  @Test
  void belongToTheTenantThatIsNamed() {
    var client = clients("MCP_CLIENTS",
        "MCP_AUTH0_CLIENT_ID=invented-id,MCP_AUTH0_ISSUER=https://acme.eu.auth0.com/").getFirst();

    assertThat(client.profile().issuer()).isEqualTo(new Issuer("https://acme.eu.auth0.com/"));
    assertThat(client.secretName()).as("a public client").isNull();
  }

  @Test
  void belongToAProfileOfTheOperatorToo() {
    assertThat(clients("PROVIDER_PROFILES", "{\"acme-two\":{\"issuer\":\"https://auth.acme.example\"}}", "MCP_CLIENTS",
        "MCP_ACME_TWO_CLIENT_ID=invented-id")).singleElement()
        .satisfies(client -> assertThat(client.profile().issuer()).isEqualTo(new Issuer("https://auth.acme.example")));
  }

  @Test
  void areNotReadFromVariablesOfOtherPrograms() {
    assertThat(faults("MCP_TIMEOUT", "5", "MCP_ISSUER", "x", "OTHER_CLIENT_ID", "y", "MCP_NOTION_NOTION_CLIENT_ID", ""))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      MCP_CLIENT_ID=a                                           | MCP_CLIENTS must be pairs such as
      MCP_SLACK_CLIENT_SECRET=a                                 | MCP_CLIENTS must be pairs such as
      a                                                         | MCP_CLIENTS must be pairs such as
      MCP_ACME_CLIENT_ID=a                                      | MCP_ACME_CLIENT_ID belongs to no profile
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_CLIENT_ID=b               | MCP_SLACK_CLIENT_ID is set twice
      MCP_SLACK_REDIRECT_URI=https://a.example/c                | MCP_SLACK_CLIENT_ID is missing
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_CLIENT_SECRET_NAME=mine   | MCP_SLACK_CLIENT_SECRET_NAME must begin with stack/operator-client/
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_CLIENT_SECRET_NAME=other-stack/operator-client/s | MCP_SLACK_CLIENT_SECRET_NAME must begin with stack/operator-client/
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_CLIENT_SECRET_NAME=stack/operator-client/ | MCP_SLACK_CLIENT_SECRET_NAME must begin with stack/operator-client/
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_CLIENT_SECRET_NAME=arn:aws:secretsmanager:eu-west-1:123456789012:secret:my-stack/operator-client/s-a1B2c3 | MCP_SLACK_CLIENT_SECRET_NAME must begin with stack/operator-client/
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_CLIENT_SECRET_NAME=arn:aws:ssm:eu-west-1:123456789012:parameter:stack/operator-client/s | MCP_SLACK_CLIENT_SECRET_NAME must begin with stack/operator-client/
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_ISSUER=https://b.example  | MCP_SLACK_ISSUER must be https://mcp.slack.com or left out
      MCP_AUTH0_CLIENT_ID=a                                     | MCP_AUTH0_ISSUER is missing: like https://{tenant}.auth0.com/
      MCP_AUTH0_CLIENT_ID=a,MCP_AUTH0_ISSUER=https://b.example/ | MCP_AUTH0_ISSUER must be like https://{tenant}.auth0.com/
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_REDIRECT_URI=ftp://b      | MCP_SLACK_REDIRECT_URI
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_TOKEN_ENDPOINT_AUTH_METHOD=dpop | MCP_SLACK_TOKEN_ENDPOINT_AUTH_METHOD is a method that this service does not speak
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_TOKEN_ENDPOINT_AUTH_METHOD=client_secret_post | MCP_SLACK_CLIENT_SECRET_NAME is missing
      MCP_SLACK_CLIENT_ID=a,MCP_SLACK_CLIENT_SECRET_NAME=stack/operator-client/s,MCP_SLACK_TOKEN_ENDPOINT_AUTH_METHOD=none | MCP_SLACK_TOKEN_ENDPOINT_AUTH_METHOD is none
      """)
  void areFaultyWithTheNameOfTheSetting(String list, String fault) {
    assertThat(faults("MCP_CLIENTS", list)).singleElement().asString().startsWith(fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"other-stack/operator-client/github", "mine"})
  void areFaultyInVariablesOfTheirOwnToo(String secretName) {
    assertThat(faults("MCP_GITHUB_GITHUB_CLIENT_ID", "a", "MCP_GITHUB_GITHUB_CLIENT_SECRET_NAME", secretName))
        .singleElement().asString()
        .startsWith("MCP_GITHUB_GITHUB_CLIENT_SECRET_NAME must begin with stack/operator-client/");
  }

  @Test
  void saySoTogetherWithTheFaultsOfProfiles() {
    assertThat(faults("PROVIDER_PROFILES", "{\"x\":{\"plain_callback\":1}}", "MCP_CLIENTS", "a")).hasSize(2)
        .first().isEqualTo("PROVIDER_PROFILES x: plain_callback must be true or false");
  }
}
