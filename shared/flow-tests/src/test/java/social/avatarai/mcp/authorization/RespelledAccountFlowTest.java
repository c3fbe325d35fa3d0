package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.IssuerContext;
import social.avatarai.mcp.testkit.AuthorizationServerKnobs;
import social.avatarai.mcp.testkit.FakeClient;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.world.AccountWorld;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;

/** An issuer with a profile spells itself otherwise than at the consent before. It still has the same accounts. */
class RespelledAccountFlowTest {
  private final AccountWorld accounts = AccountWorld.start();
  private final FlowWorld world = accounts.world();
  private final String bare = world.authorizationServer.issuer();

  @AfterEach
  void close() {
    accounts.close();
  }

  private void profiled() {
    String profile = "{'example':{'issuer':'" + bare + "','resource_origins':['" + world.mcpServer.origin() + "']}}";
    world.with("PROVIDER_PROFILES", profile.replace('\'', '"'));
  }

  private void publishing(String inResource, String inIssuer) {
    String issuer = bare + inIssuer;
    world.authorizationServer.adjust(knobs -> knobs.metadata("issuer", issuer).iss(issuer)
        .accounts(one -> one.idToken(claims -> claims.put("iss", issuer))));
    world.mcpServer.adjust(knobs -> knobs.authorizationServers(bare + inResource));
    world.restart();
  }

  private Issuer stored() {
    return world.stored(USER).orElseThrow().target().issuer();
  }

  /** The bug: the other account replaced the grant without a question, and the old account's grant was revoked. */
  @ParameterizedTest
  @CsvSource({"/,/", "'',/", "/,''"})
  void anotherAccountReplacesNothingWhereTheIssuerIsSpelledOtherwise(String inResource, String inIssuer) {
    profiled();
    publishing("", "");
    var alice = accounts.connectAs("alice");
    publishing(inResource, inIssuer);
    var change = accounts.comeBackAs("bob");
    assertThat(accounts.whoami()).isEqualTo("alice");
    assertThat(world.authorizationServer.liveRefreshTokens()).contains(GrantWorld.refreshTokenOf(alice).reveal());
    accounts.keepNew(change.id());
    assertThat(accounts.whoami()).isEqualTo("bob");
    assertThat(stored()).isEqualTo(new Issuer(bare + inIssuer));
  }

  /** The bug: each reconnect was an issuer_conflict after its consent, and its new tokens were revoked. */
  @Test
  void reconnectReplacesTheGrantWhereTheIssuersMetadataAloneIsSpelledOtherwise() {
    profiled();
    publishing("", "");
    accounts.connectAs("alice");
    publishing("", "/");
    for (int i = 0; i < 2; i++) {
      accounts.connectAs("alice");
      assertThat(stored()).isEqualTo(new Issuer(bare + "/"));
      accounts.assertLives();
    }
    publishing("", "");
    accounts.connectAs("alice");
    assertThat(stored()).isEqualTo(new Issuer(bare));
    accounts.assertLives();
  }

  private Grant consentWithoutARefreshTokenAfter(Grant before) {
    world.authorizationServer.adjust(AuthorizationServerKnobs::withoutRefreshTokens);
    publishing("/", "/");
    var again = accounts.connectAs("alice");
    assertThat(again.client().id()).isEqualTo(before.client().id());
    return again;
  }

  private Grant connectWithTheOperatorsClient() {
    world.authorizationServer.preRegister(FakeClient.publicClient("operators", callback(bare), callback(bare + "/")));
    profiled();
    world.with("MCP_CLIENTS", "MCP_EXAMPLE_CLIENT_ID=operators");
    publishing("", "");
    return accounts.connectAs("alice");
  }

  @Test
  void secondConsentOfTheSameAccountKeepsTheRefreshTokenAcrossTheSpellings() {
    var before = connectWithTheOperatorsClient();
    var again = consentWithoutARefreshTokenAfter(before);
    assertThat(again.tokens().refreshToken()).isEqualTo(GrantWorld.refreshTokenOf(before));
    accounts.assertLives();
  }

  @Test
  void refreshTokenIsNotSentToAnotherTokenEndpointOfTheOtherSpelling() {
    var before = connectWithTheOperatorsClient();
    world.authorizationServer
        .adjust(knobs -> knobs.metadata("token_endpoint", bare.replace("localhost", "127.0.0.1") + "/token"));
    assertThat(consentWithoutARefreshTokenAfter(before).tokens().refreshToken()).isNull();
  }

  private String callback(String issuer) {
    return world.base.callback(IssuerContext.of(new Issuer(issuer))).value();
  }
}
