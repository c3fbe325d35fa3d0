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

class AuthorizationServerMetadataTest {
  private static final String ENDPOINTS = "'authorization_endpoint':'https://auth.example/authorize',"
      + "'token_endpoint':'https://api.example/token'";

  @Test
  void readsWhatItNames() {
    var metadata = judge(ENDPOINTS + ",'registration_endpoint':'https://auth.example/register',"
        + "'code_challenge_methods_supported':['plain','S256'],"
        + "'token_endpoint_auth_methods_supported':['none','private_key_jwt'],"
        + "'scopes_supported':['read','offline_access'],'authorization_response_iss_parameter_supported':true,"
        + "'client_id_metadata_document_supported':true,'x-vendor':1");

    assertThat(metadata.authorizationEndpoint()).isEqualTo(new EndpointUrl("https://auth.example/authorize"));
    assertThat(metadata.tokenEndpoint()).isEqualTo(new EndpointUrl("https://api.example/token"));
    assertThat(metadata.registrationEndpoint()).isEqualTo(new EndpointUrl("https://auth.example/register"));
    assertThat(metadata.codeChallengeMethods()).containsExactly("plain", "S256");
    assertThat(metadata.tokenEndpointAuthMethods()).containsExactly("none", "private_key_jwt");
    assertThat(metadata.scopesSupported()).isEqualTo(new Scopes(List.of("read", "offline_access")));
    assertThat(metadata.sendsIss()).isTrue();
    assertThat(metadata.takesClientMetadataDocuments()).isTrue();
    assertThat(metadata.document().path("x-vendor").intValue()).isEqualTo(1);
  }

  @Test
  void tellsWhatIsAbsentFromWhatIsEmpty() {
    var bare = judge(ENDPOINTS);
    var empty = judge(ENDPOINTS + ",'code_challenge_methods_supported':[],'registration_endpoint':''");

    assertThat(bare.registrationEndpoint()).isNull();
    assertThat(bare.codeChallengeMethods()).isNull();
    assertThat(bare.tokenEndpointAuthMethods()).isEmpty();
    assertThat(bare.scopesSupported()).isEqualTo(Scopes.none());
    assertThat(bare.sendsIss()).isFalse();
    assertThat(bare.takesClientMetadataDocuments()).isFalse();
    assertThat(empty.codeChallengeMethods()).isEmpty();
    assertThat(empty.registrationEndpoint()).isNull();
    assertThat(judge(ENDPOINTS + ",'code_challenge_methods_supported':null").codeChallengeMethods()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"https://auth.example,https://auth.example/", "https://auth.example/,https://auth.example",
      "https://auth.example/x,https://auth.example/x/", "https://auth.example,https://AUTH.example",
      "https://auth.example,HTTPS://auth.example", "https://auth.example,https://auth.example:443",
      "https://auth.example/x,https://auth.example/X", "https://auth.example/a-b,https://auth.example/a%2Db",
      "https://auth.example,https://evil.example", "https://auth.example/x,https://auth.example"})
  void refusesAnIssuerThatIsNotByteForByteTheOneAskedFor(String asked, String named) {
    assertBroken(ErrorCode.ISSUER_MISMATCH, () -> AuthorizationServerMetadata.judge(new Issuer(asked),
        HttpResponses.object("{'issuer':'" + named + "'," + ENDPOINTS + "}")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "'issuer':null,", "'issuer':'',", "'issuer':['https://auth.example'],"})
  void refusesMetadataThatNamesNoIssuer(String issuer) {
    assertBroken(ErrorCode.ISSUER_MISMATCH, () -> AuthorizationServerMetadata
        .judge(new Issuer("https://auth.example"), HttpResponses.object("{" + issuer + ENDPOINTS + "}")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "'authorization_endpoint':null,", "'authorization_endpoint':'',",
      "'authorization_endpoint':7,", "'authorization_endpoint':'javascript:alert(1)',",
      "'authorization_endpoint':'data:text/html,x',", "'authorization_endpoint':'file:///etc/passwd',",
      "'authorization_endpoint':'http://auth.example/authorize',", "'authorization_endpoint':'/authorize',",
      "'authorization_endpoint':'https://auth.example/$(calc)#x',",
      "'authorization_endpoint':'https://u@auth.example/a',"})
  void refusesAnAuthorizationEndpointThatIsNoHttpsUrl(String member) {
    assertBroken(ErrorCode.INVALID_METADATA, () -> judge(member + "'token_endpoint':'https://auth.example/token'"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "'token_endpoint':null,", "'token_endpoint':'',", "'token_endpoint':{},",
      "'token_endpoint':'http://auth.example/token',", "'token_endpoint':'token',"})
  void refusesATokenEndpointThatIsNoHttpsUrl(String member) {
    assertBroken(ErrorCode.INVALID_METADATA,
        () -> judge(member + "'authorization_endpoint':'https://auth.example/authorize'"));
  }

  @Test
  void refusesARegistrationEndpointThatIsNoHttpsUrl() {
    assertBroken(ErrorCode.INVALID_METADATA,
        () -> judge(ENDPOINTS + ",'registration_endpoint':'http://auth.example/register'"));
  }

  @Test
  void keepsTheGoodEntriesOfAListBesideBadOnes() {
    var metadata = judge(ENDPOINTS + ",'code_challenge_methods_supported':[null,5,'S256'],"
        + "'token_endpoint_auth_methods_supported':['none',{}],'scopes_supported':['a b','c',null]");

    assertThat(metadata.codeChallengeMethods()).containsExactly("S256");
    assertThat(metadata.tokenEndpointAuthMethods()).containsExactly("none");
    assertThat(metadata.scopesSupported().values()).containsExactly("c");
  }

  /** The bug: the values of an object were read as a list. */
  @Test
  void takesAnObjectForNoList() {
    var metadata = judge(ENDPOINTS + ",'code_challenge_methods_supported':{'a':'S256'},"
        + "'token_endpoint_auth_methods_supported':{'a':'none'},'scopes_supported':{'a':'read'}");

    assertThat(metadata.codeChallengeMethods()).isEmpty();
    assertThat(metadata.tokenEndpointAuthMethods()).isEmpty();
    assertThat(metadata.scopesSupported()).isEqualTo(Scopes.none());
  }

  @Test
  void standsInForAMissingDocumentWithTheDefaultEndpointsOfTheOrigin() {
    var metadata = AuthorizationServerMetadata.legacy(new Issuer("https://mcp.example:8443"));

    assertThat(metadata.document()).isEqualTo(HttpResponses.object("{'issuer':'https://mcp.example:8443',"
        + "'authorization_endpoint':'https://mcp.example:8443/authorize',"
        + "'token_endpoint':'https://mcp.example:8443/token',"
        + "'registration_endpoint':'https://mcp.example:8443/register','code_challenge_methods_supported':['S256']}"));
    assertThat(metadata.tokenEndpoint().value()).isEqualTo("https://mcp.example:8443/token");
    assertThat(metadata.sendsIss()).isFalse();
  }

  private static AuthorizationServerMetadata judge(String members) {
    return AuthorizationServerMetadata.judge(new Issuer("https://auth.example"),
        HttpResponses.object("{'issuer':'https://auth.example'," + members + "}"));
  }
}
