package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.HttpResponses;
import social.avatarai.mcp.Issuer;

class OperatorProfilesTest {
  private static final Issuer ACME = new Issuer("https://auth.acme.example");

  private static OperatorProfiles.Read read(String json) {
    return OperatorProfiles.read(Profiles.load(), json.replace('\'', '"'));
  }

  @Test
  void addsAProfileToThoseOfTheProduct() {
    var read = read("{'acme':{'issuer':'https://auth.acme.example','pkce_assumed':true}}");

    assertThat(read.faults()).isEmpty();
    assertThat(read.profiles().of(ACME).orElseThrow().pkceAssumed()).isTrue();
    assertThat(read.profiles().names()).contains("acme", "github").hasSize(Profiles.load().names().size() + 1);
  }

  @Test
  void changesSingleMembersOfAProfileOfTheProduct() {
    var product = Profiles.load().named("notion-rest").orElseThrow();
    var changed = read("{'notion-rest':{'plain_callback':false,'client_settings':null,"
        + "'requests':{'headers':{'Notion-Version':'2027-01-01'},'revocation':null}}}").profiles()
        .named("notion-rest").orElseThrow();

    assertThat(changed.plainCallback()).isFalse();
    assertThat(changed.clientSettings()).isNull();
    assertThat(changed.requests().headers()).containsEntry("Notion-Version", "2027-01-01");
    assertThat(changed.requests().revocation()).isNull();
    assertThat(changed.requests().authorization()).isEqualTo(product.requests().authorization());
    assertThat(changed.metadata()).isEqualTo(product.metadata());
  }

  /** Where the identifier of an API at Auth0 is not the resource, the operator names it, or names no audience at all. */
  @ParameterizedTest
  @CsvSource(quoteCharacter = '|', delimiter = ';', value = {
      "{'acme':{'issuer':'https://acme.auth0.com/','requests':{'authorization':{'audience':'urn:acme'}}}};urn:acme",
      "{'acme':{'issuer':'https://acme.auth0.com/'}};",
      "{'auth0':{'requests':{'authorization':null}}};"})
  void changesTheParametersOfOneTenantOrOfAllTenants(String setting, @Nullable String audience) {
    var read = read(setting);
    assertThat(read.faults()).isEmpty();
    assertThat(read.profiles().requestsTo(new Issuer("https://acme.auth0.com/")).authorization().get("audience"))
        .isEqualTo(audience);
    assertThat(Profiles.load().requestsTo(new Issuer("https://acme.auth0.com/")).authorization())
        .containsEntry("audience", ProviderRequests.RESOURCE);
  }

  @Test
  void takesAProfileAway() {
    var read = read("{'x':null}");

    assertThat(read.faults()).isEmpty();
    assertThat(read.profiles().named("x")).isEmpty();
  }

  @Test
  void saysNothingWhereNothingIsSet() {
    assertThat(read(" ").faults()).isEmpty();
    assertThat(read("{}").profiles().names()).isEqualTo(Profiles.load().names());
  }

  /** One good profile beside a faulty one is not used either: half of what the operator wrote would be in force. */
  @Test
  void usesNoneOfThemWhereOneIsFaulty() {
    var read = read("{'acme':{'issuer':'https://auth.acme.example'},'x':{'plain_callback':'no'},"
        + "'other':{'issuer':'ftp://a'}}");

    assertThat(read.profiles().of(ACME)).isEmpty();
    assertThat(read.faults()).hasSize(2).first().asString().isEqualTo("x: plain_callback must be true or false");
    assertThat(read.faults()).last().asString().startsWith("other: issuer ");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
      [1]                                                    | is no JSON object of profiles by name
      {'acme':                                               | is no JSON object of profiles by name
      {'acme':1}                                             | acme must be an object
      {'Acme Inc':{}}                                        | has a profile whose name is not like example
      {'acme':{}}                                            | acme: issuer is missing
      {'github':{'issuer':'https://evil.example'}}           | github: issuer cannot be another one than the product's
      {'mine':{'issuer':'https://x.com'}}                    | x and mine have the same issuer
      {'mine':{'issuer':'https://a.example','resource_origins':['https://api.x.com']}} | x and mine have the same resource_origins
      {'mine':{'issuer':'https://a.example','server_ids':['twitter-mcp']}} | x and mine have the same server_ids
      {'mine':{'issuer':'https://x.com/'}}                   | x and mine have the same issuer
      {'mine':{'issuer':'https://a.example','client_settings':'MCP_GITHUB_GITHUB'}} | mine and github have the same client_settings
      {'github-github':{'issuer':'https://a.example'}}       | github-github and github have the same client_settings
      {'mine':{'issuer':'https://a.example','client_settings':'MCP_AUTH0'}} | mine and auth0 have the same client_settings
      {'auth0-eu':{'issuer':'https://{tenant}.eu.auth0.com/','pkce_assumed':true}} | auth0-eu and auth0 have the same tenants
      {'figma':{'resource_origins':['https://own.example']},'linear':{'resource_origins':['https://own.example']}} | linear and figma have the same resource_origins
      {'figma':{'client_settings':'MCP_OWN'},'linear':{'client_settings':'MCP_OWN'}} | linear and figma have the same client_settings
      {'mine':{'issuer':'https://a.example','published_issuer':'https://b.example'}} | mine: published_issuer must be on the site of the issuer
      {'mine':{'issuer':'https://{tenant}.auth.example/','plain_callback':true}} | mine: plain_callback is never for issuers
      """)
  void saysWhichProfileIsFaultyAndWhy(String json, String fault) {
    assertThat(read(json).faults()).singleElement().asString().contains(fault);
    assertThat(read(json).profiles().names()).isEqualTo(Profiles.load().names());
  }

  /** The product has two profiles of one origin itself, for a server of Atlassian with metadata and for one without. */
  @Test
  void changesAProfileThatSharesAnOriginWithAnotherOfTheProduct() {
    var read = read("{'atlassian':{'pkce_assumed':true}}");

    assertThat(read.faults()).isEmpty();
    assertThat(read.profiles().named("atlassian").orElseThrow().pkceAssumed()).isTrue();
  }

  /** The bug: the order was that of a map whose order differs between processes. */
  @Test
  void keepsTheOrderOfTheProductsFiles() {
    assertThat(read("{'acme':{'issuer':'https://auth.acme.example'}}").profiles().documents().keySet())
        .containsExactlyElementsOf(
            Stream.concat(Profiles.load().documents().keySet().stream(), Stream.of("acme")).toList());
  }

  @Test
  void takesNoTextOfAnyLength() {
    assertThat(read(" ".repeat(OperatorProfiles.MAX_LENGTH) + "{}x").faults()).singleElement().asString()
        .contains("is longer than");
  }

  @Test
  void doesNotChangeTheProductsOwn() {
    var product = Profiles.read(Map.of("example", HttpResponses.object("{'issuer':'https://a.example'}")));
    OperatorProfiles.read(product, "{\"example\":{\"pkce_assumed\":true}}");

    assertThat(product.named("example").orElseThrow().pkceAssumed()).isFalse();
  }
}
