package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.FailureAssert.assertBroken;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.Scopes;

class ProtectedResourceMetadataTest {
  private static final String SERVER = "https://mcp.example/mcp";

  @Test
  void readsWhatItNames() {
    var metadata = judge(
        "{'resource':'https://mcp.example/mcp','authorization_servers':['https://auth.example','https://b.example/x/'],"
            + "'scopes_supported':['read','write'],'resource_name':'Files'}");

    assertThat(metadata.resource().value()).isEqualTo(SERVER);
    assertThat(metadata.authorizationServers()).containsExactly(new Issuer("https://auth.example"),
        new Issuer("https://b.example/x/"));
    assertThat(metadata.scopesSupported()).isEqualTo(new Scopes(List.of("read", "write")));
    assertThat(metadata.document().path("resource_name").textValue()).isEqualTo("Files");
  }

  @ParameterizedTest
  @CsvSource({"https://mcp.example/mcp/,https://mcp.example/mcp", "https://mcp.example/mcp,https://mcp.example/mcp/",
      "https://mcp.example,https://mcp.example/mcp", "https://mcp.example/,https://mcp.example/mcp",
      "https://mcp.example/a,https://mcp.example/a/mcp", "https://MCP.example:443/mcp,https://mcp.example/mcp",
      "https://mcp.example/mcp?readonly=true,https://mcp.example/mcp?readonly=true"})
  void keepsAResourceThatCoversTheServerVerbatim(String resource, String server) {
    var metadata = ProtectedResourceMetadata.judge(new EndpointUrl(server),
        HttpResponses.object("{'resource':'" + resource + "','authorization_servers':['https://auth.example']}"));

    assertThat(metadata.resource().value()).isEqualTo(resource);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example/mcp", "https://mcp.example:8443/mcp", "https://mcp.example/other",
      "https://mcp.example/mc", "https://mcp.example/mcp/deeper", "https://mcp.example/MCP",
      "https://mcp.example/mcp?tenant=b", "https://mcp.example.evil.example/mcp"})
  void refusesTheMetadataOfAnotherResource(String resource) {
    assertBroken(ErrorCode.RESOURCE_MISMATCH,
        () -> judge("{'resource':'" + resource + "','authorization_servers':['https://auth.example']}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "'resource':null,", "'resource':'',", "'resource':5,",
      "'resource':['https://mcp.example/mcp'],",
      "'resource':'mcp.example/mcp',", "'resource':'http://mcp.example/mcp',",
      "'resource':'https://mcp.example/mcp#a',",
      "'resource':'https://u@mcp.example/mcp',", "'resource':'urn:mcp:server',"})
  void refusesAResourceThatIsNoHttpsUrl(String resource) {
    assertBroken(ErrorCode.INVALID_METADATA,
        () -> judge("{" + resource + "'authorization_servers':['https://auth.example']}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'authorization_servers':null", ",'authorization_servers':[]",
      ",'authorization_servers':'https://auth.example'", ",'authorization_servers':5",
      // the bug: the values of an object were read as a list
      ",'authorization_servers':{'a':'https://auth.example'}"})
  void refusesMetadataWithoutAnAuthorizationServer(String servers) {
    assertBroken(ErrorCode.INVALID_METADATA, () -> judge("{'resource':'" + SERVER + "'" + servers + "}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "5", "{}", "['https://auth.example']", "''", "'auth.example'",
      "'http://auth.example'",
      "'javascript:alert(1)'", "'https://auth.example?a=b'", "'https://auth.example#a'", "'https://u:p@auth.example'"})
  void refusesAnAuthorizationServerThatIsNoIssuerEvenBesideAGoodOne(String server) {
    assertBroken(ErrorCode.INVALID_METADATA, () -> judge(
        "{'resource':'" + SERVER + "','authorization_servers':['https://auth.example'," + server + "]}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",'scopes_supported':null", ",'scopes_supported':'read write'", ",'scopes_supported':[]",
      ",'scopes_supported':{'a':'b'}",
      ",'scopes_supported':[5,null,'a b','']"})
  void knowsNoScopesWhereNoneAreNamed(String scopes) {
    assertThat(judge("{'resource':'" + SERVER + "','authorization_servers':['https://auth.example']" + scopes + "}")
        .scopesSupported()).isEqualTo(Scopes.none());
  }

  @Test
  void takesTheOriginOfALegacyServerForItsIssuer() {
    var metadata = ProtectedResourceMetadata.legacy(new EndpointUrl("https://mcp.example:8443/a/mcp"));

    assertThat(metadata.resource().value()).isEqualTo("https://mcp.example:8443/a/mcp");
    assertThat(metadata.authorizationServers()).containsExactly(new Issuer("https://mcp.example:8443"));
    assertThat(metadata.document()).isEqualTo(HttpResponses.object("{'resource':'https://mcp.example:8443/a/mcp',"
        + "'authorization_servers':['https://mcp.example:8443']}"));
  }

  /** The bug: the key in a user's URL was sent to the issuer, through the browser, as part of the resource. */
  @Test
  void resourceOfALegacyServerHasNothingOfTheQueryOfTheUsersUrl() {
    var metadata = ProtectedResourceMetadata.legacy(new EndpointUrl("https://mcp.example/mcp?api_key=canary"));
    assertThat(metadata.resource().value()).isEqualTo("https://mcp.example/mcp");
    assertThat(metadata.document().toString()).doesNotContain("canary");
  }

  private static ProtectedResourceMetadata judge(String document) {
    return ProtectedResourceMetadata.judge(new EndpointUrl(SERVER), HttpResponses.object(document));
  }
}
