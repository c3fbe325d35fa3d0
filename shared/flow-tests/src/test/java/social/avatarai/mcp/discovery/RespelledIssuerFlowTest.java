package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.Browsers.sent;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.token.Replaceable;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.TwoIssuers;

/** A provider spells its issuer otherwise than its profile, or has moved to another issuer since the profile was written. */
class RespelledIssuerFlowTest {
  private final TwoIssuers issuers = new TwoIssuers();
  private final FlowWorld world = issuers.world;
  private final String bare = world.authorizationServer.issuer();

  @AfterEach
  void close() {
    issuers.close();
  }

  /** The profile of this issuer names the origin of the server. */
  private FlowWorld profiled(String issuer) {
    String profile = "{'example':{'issuer':'" + issuer + "','resource_origins':['" + world.mcpServer.origin()
        + "'],'requests':{'authorization':{'prompt':'consent'}}}}";
    world.with("PROVIDER_PROFILES", profile.replace('\'', '"')).restart();
    return world;
  }

  private void publishing(String resourcesIssuer, String issuer) {
    world.authorizationServer.adjust(knobs -> knobs.metadata("issuer", issuer).iss(issuer));
    world.mcpServer.adjust(knobs -> knobs.authorizationServers(resourcesIssuer));
    world.restart();
  }

  private Access access() {
    return world.flow().access(USER, new Target.ByUrl(world.url()), GrantWorld.call("whoami"), deadline());
  }

  private void assertEarlyRefusalCostsOneRefresh() {
    int before = world.refreshes();
    world.authorizationServer.expireAccessTokens();
    assertThat(saidBy(access())).startsWith("owner-");
    assertThat(world.refreshes()).isEqualTo(before + 1);
  }

  private Issuer stored() {
    return world.stored(USER).orElseThrow().target().issuer();
  }

  /** Every FastMCP server publishes the slash. The second row is Google's way: the slash is in the resource's metadata alone. */
  @ParameterizedTest
  @CsvSource({"/,/", "/,''", "'',/", "'',''"})
  void profileCountsWithAndWithoutTheSlashOfThePublishedIssuer(String inResource, String inIssuer) {
    publishing(bare + inResource, bare + inIssuer);
    profiled(bare);
    var begun = world.begin();
    assertThat(sent(begun).parameters()).as("what the profile says").containsEntry("prompt", "consent");
    world.callback(begun, world.approve(begun));
    assertThat(stored()).isEqualTo(new Issuer(bare + inIssuer));
    world.connect();
    assertEarlyRefusalCostsOneRefresh();
    world.restart();
    world.connect();
    assertThat(stored()).isEqualTo(new Issuer(bare + inIssuer));
  }

  @Test
  void operatorsClientOfTheProfileIsUsedAtTheOtherSpellingToo() {
    publishing(bare + "/", bare + "/");
    var callback = world.base.callback(IssuerContext.of(new Issuer(bare + "/"))).value();
    world.authorizationServer.preRegister(FakeClient.publicClient("operators", callback));
    profiled(bare).with("MCP_CLIENTS", "MCP_EXAMPLE_CLIENT_ID=operators")
        .with("ISSUER_BINDINGS", world.mcpServer.origin() + "=" + bare).restart();
    assertThat(world.connect().client().id().value()).isEqualTo("operators");
    assertEarlyRefusalCostsOneRefresh();
  }

  @Test
  void redirectUriToRegisterByHandIsThatOfTheSpellingThatIsPublished() {
    publishing(bare + "/", bare + "/");
    profiled(bare);
    var found = world.flow().redirectUris(USER, new Issuer(bare), world.now());
    assertThat(found.uris().issuer()).isEqualTo(new Issuer(bare + "/"));
    assertThat(found.published()).isTrue();
  }

  /** The bug: metadata that cannot be used was a failure, although the profile has a spelling. */
  @Test
  void redirectUriIsThatOfTheProfileWhereTheMetadataCannotBeUsed() {
    world.authorizationServer.adjust(knobs -> knobs.metadata("issuer", "https://other.example"));
    profiled(bare);
    var found = world.flow().redirectUris(USER, new Issuer(bare + "/"), world.now());
    assertThat(found.uris().issuer()).isEqualTo(new Issuer(bare));
    assertThat(found.published()).as("so the caller sees that the spelling is a guess").isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void grantOutlivesAProviderThatSpellsItsIssuerOtherwise(boolean slashComes) {
    String before = slashComes ? bare : bare + "/";
    String after = slashComes ? bare + "/" : bare;
    publishing(before, before);
    profiled(bare);
    var old = world.connect();
    publishing(after, after);
    assertEarlyRefusalCostsOneRefresh();
    assertThat(world.stored(USER).orElseThrow().id()).isEqualTo(old.id());
    assertThat(world.connect().target().issuer()).isEqualTo(new Issuer(after));
  }

  /** A grant of before the profile, whose issuer the server still names: Asana's first server was its own issuer. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void issuerThatTheServerNamesIsNotLeftBecauseAProfileNamesAnother(boolean namesBoth) {
    var old = world.connect();
    if (namesBoth) issuers.naming(issuers.other, world.authorizationServer);
    profiled(issuers.other.issuer());
    assertEarlyRefusalCostsOneRefresh();
    assertThat(world.stored(USER).orElseThrow().id()).isEqualTo(old.id());
    assertThat(world.connect().target().issuer()).isEqualTo(old.target().issuer());
    issuers.assertNothingBeganAtTheOther();
  }

  @Test
  void newFlowBeginsAtTheIssuerOfTheProfileWhereTheServerNamesOthersToo() {
    issuers.naming(issuers.other, world.authorizationServer);
    profiled(bare);
    assertThat(world.connect().target().issuer()).isEqualTo(new Issuer(bare));
  }

  @Test
  void serverThatNamesANewIssuerAloneHasMovedAwayFromTheOneOfItsProfile() {
    profiled(bare);
    var old = world.connect();
    issuers.migrate();
    var needed = (Access.ConsentNeeded) access();
    assertThat(needed.replaceable()).isEqualTo(new Replaceable.MigratedGrant(old.id()));
    assertThat(world.refreshes()).as("no token of the new server comes from there").isZero();
    var grant = issuers.connected(issuers.begin(TwoIssuers.at(issuers.other)));
    assertThat(grant.target().issuer()).isEqualTo(new Issuer(issuers.other.issuer()));
    assertThat(saidBy(access())).startsWith("owner-");
  }

  /** The tokens of such an issuer are for no resource: what its server's metadata says is not asked for. */
  @Test
  void profileWithMetadataKeepsItsOriginsWhateverTheServerNames() {
    String metadata = "{'authorization_endpoint':'" + bare + "/authorize','token_endpoint':'" + bare + "/token'}";
    world.with("PROVIDER_PROFILES", ("{'example':{'issuer':'" + bare + "','pkce_assumed':true,'resource_origins':['"
        + world.mcpServer.origin() + "'],'metadata':" + metadata + "}}").replace('\'', '"'));
    issuers.naming(issuers.other);
    assertFails(ErrorCode.ISSUER_NOT_BOUND, () -> issuers.begin(TwoIssuers.at(issuers.other)));
    issuers.assertNothingBeganAtTheOther();
  }
}
