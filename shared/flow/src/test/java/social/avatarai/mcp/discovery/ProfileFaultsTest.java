package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;

/** A profile decides where secrets go, so what is wrong with one is said, and never skipped. */
class ProfileFaultsTest {

  private static Profiles read(String members) {
    return Profiles
        .read(Map.of("example", HttpResponses.object("{'issuer':'https://auth.example'," + members + "}")));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'plain_calback':true                      | plain_calback is no member
      'requests':{'header':{}}                  | requests.header is no member
      'requests':{'revocation':{'method':'POST','url':'https://a.example','token':'access_token','member':'t','x':1}} | requests.revocation.x is no member
      'account':{'from':'id_token','id':'/sub','email':'/email'} | account.email is no member
      'plain_callback':'true'                   | plain_callback must be true or false
      'resource_origins':'https://a.example'    | resource_origins must be a list
      'resource_origins':['https://a.example/'] | resource_origins must be origins
      'resource_origins':['http://a.example']   | resource_origins must
      'scope_separator':';'                     | scope_separator must be a space or a comma
      'client_settings':'GITHUB'                | client_settings must be like MCP_EXAMPLE
      'server_ids':[1]                          | server_ids must be a text
      'requests':[]                             | requests must be an object
      'requests':{'code_life_seconds':'30'}     | requests.code_life_seconds must be a positive number
      'requests':{'added_scopes':['a b']}       | requests.added_scopes is not a list of scopes
      'requests':{'headers':{'Authorization':'x'}} | requests must not name the header Authorization
      'requests':{'authorization':{'state':'x'}} | requests must not name the parameter state
      'requests':{'authorization':{'owner':1}}  | requests.authorization.owner must be a text
      'requests':{'revocation':{'method':'DELETE','url':'https://a.example','token':'access_token','member':'t','body':'form'}} | requests.revocation must be POST with a form
      'responses':{'token_types':['dpop']}      | responses has a token_types entry that cannot mean Bearer
      'responses':{'token_types':['User']}      | responses has a token_types entry that cannot mean Bearer
      'responses':{'access_token_life_seconds':-1} | responses.access_token_life_seconds must be a positive number
      'account':{'from':'id_token','id':'sub'}  | account.id
      'account':[]                              | account must be an object
      'metadata':{'token_endpoint':'https://auth.example/t'} | metadata cannot be used
      'metadata':{'issuer':'https://other.example','authorization_endpoint':'https://auth.example/a','token_endpoint':'https://auth.example/t'} | metadata is for another issuer
      """)
  void namesTheProfileAndTheMember(String member, String fault) {
    assertThatThrownBy(() -> read(member)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("profile example: " + fault);
  }

  @Test
  void letsReadersHaveTheirTitleNotesAndSources() {
    assertThat(read("'title':'Example','notes':['a'],'sources':{'issuer':'https://docs.example'}").names())
        .containsExactly("example");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      https://login.example/{tenant}/v2.0 | https://login.example/8f1c-invented/v2.0 | true
      https://login.example/{tenant}/v2.0 | https://login.example/a/b/v2.0           | false
      https://login.example/{tenant}/v2.0 | https://login.example/a.b/v2.0           | false
      https://login.example/{tenant}/v2.0 | https://login.example.evil/a/v2.0        | false
      https://login.example/{tenant}/v2.0 | https://login.example/a/v2.0/            | true
      https://{tenant}.auth.example/      | https://acme.auth.example/               | true
      https://{tenant}.auth.example/      | https://acme.eu.auth.example/            | true
      https://{tenant}.auth.example/      | https://acme.auth.example                | true
      https://{tenant}.auth.example/      | https://acme.auth.example//              | false
      https://{tenant}.auth.example/      | https://acme-auth.example/               | false
      https://{tenant}.auth.example/      | https://auth.example/                    | false
      https://{tenant}.auth.example/      | https://evil.example/a.auth.example/     | false
      """)
  void fitsTheTenantsOfAProviderAndNobodyElse(String family, String issuer, boolean fits) {
    var profiles = Profiles.read(Map.of("example",
        HttpResponses.object("{'issuer':'" + family + "','pkce_assumed':true}")));

    var found = profiles.of(new Issuer(issuer));

    assertThat(found.isPresent()).isEqualTo(fits);
    found.ifPresent(profile -> {
      assertThat(profile.issuer().means(new Issuer(issuer))).isTrue();
      assertThat(profile.issuer().value().endsWith("/")).as("as the file spells it").isEqualTo(family.endsWith("/"));
      assertThat(profile.pkceAssumed()).isTrue();
    });
  }

  /**
   * A stranger's tenant would share the plain callback, or an origin, with the others, and one URL would get the tokens
   * of all.
   */
  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      'plain_callback':true                       | plain_callback
      'resource_origins':['https://a.example']    | resource_origins
      'metadata':{}                               | metadata
      'server_ids':['a-mcp']                      | server_ids
      'published_issuer':'https://other.example'  | published_issuer
      'requests':{'revocation':{'method':'POST','url':'https://a.example','token':'access_token','member':'t'}} | requests.revocation
      'account':{'from':'userinfo','url':'https://a.example/me','id':'/id'} | account.url
      """)
  void givesTenantsNothingThatBindsAnIssuer(String member, String name) {
    var document = HttpResponses.object("{'issuer':'https://{tenant}.auth.example/'," + member + "}");

    assertThatThrownBy(() -> Profiles.read(Map.of("example", document)))
        .hasMessage("profile example: " + name + " is never for issuers at which anyone can get a tenant");
  }

  @ParameterizedTest
  @CsvSource({"https://{tenant}/", "https://{tenant}.example/", "https://a-{tenant}.auth.example/",
      "https://login.example/a{tenant}/", "http://{tenant}.auth.example/", "https://{tenant}.auth.example/{tenant}",
      "https://login.example/{tenant}?a=b"})
  void takesNoTenantThatCouldBeAnybody(String issuer) {
    assertThatThrownBy(() -> Profiles.read(Map.of("example", HttpResponses.object("{'issuer':'" + issuer + "'}"))))
        .hasMessageStartingWith("profile example: issuer ");
  }
}
