package social.avatarai.mcp.authorization;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.testkit.FakeAccounts;
import social.avatarai.mcp.testkit.LoopbackHttp;
import social.avatarai.mcp.testkit.Response;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.world.FlowWorld;

/** Where the account of a connection comes from. */
class AccountFlowTest {
  private static final String OPENID = "openid files";

  private final FlowWorld world = FlowWorld.start();

  @AfterEach
  void close() {
    world.close();
  }

  private void named(Consumer<FakeAccounts> how) {
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> how.accept(accounts.signedIn("alice"))));
  }

  private @Nullable Account connected(String scope) {
    world.connect(USER, FlowWorld.requesting(scope));
    return world.flow().connection(USER, world.connection()).account();
  }

  private int asked() {
    return world.authorizationServer.userinfoEndpoint().requests().size();
  }

  @Test
  void accountIsThatOfTheIdToken() {
    named(accounts -> accounts.idToken(claims -> claims.put("email", "alice@example.com")).userinfo(_ -> {}));
    assertThat(connected(OPENID)).isEqualTo(new Account("alice", "alice@example.com"));
    assertThat(asked()).isZero();
  }

  @Test
  void withoutAnIdTokenTheUserInfoEndpointIsAskedOnce() {
    named(accounts -> accounts.userinfo(claims -> claims.put("name", "Alice")));
    assertThat(connected(OPENID)).isEqualTo(new Account("alice", "Alice"));
    world.flow().refresh(USER, new What.Stored(world.connection()), deadline());
    assertThat(world.flow().connection(USER, world.connection()).account()).isEqualTo(new Account("alice", "Alice"));
    assertThat(asked()).isEqualTo(1);
  }

  @Test
  void userInfoEndpointIsNotAskedWithoutOpenid() {
    named(accounts -> accounts.userinfo(_ -> {}));
    assertThat(connected("files")).isNull();
    assertThat(asked()).isZero();
  }

  /** The promise: no token reaches anyone but its own server, and the issuer that has just made it. */
  @Test
  void noTokenIsSentToAUserInfoEndpointOnAnotherSite() {
    try (var collector = LoopbackHttp.start(_ -> Response.of(200))) {
      named(accounts -> accounts.userinfo(_ -> {}));
      // 127.0.0.1 and localhost are different sites.
      String foreign = collector.url().replace("localhost", "127.0.0.1") + "/userinfo";
      world.authorizationServer.adjust(knobs -> knobs.metadata("userinfo_endpoint", foreign));
      assertThat(connected(OPENID)).isNull();
      assertThat(collector.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 401, 403, 500})
  void refusalOfTheUserInfoEndpointCostsNoConsent(int status) {
    named(accounts -> accounts.userinfo(_ -> {}));
    world.authorizationServer.userinfoEndpoint().next(Response.of(status).with("Location", "/elsewhere"));
    assertThat(connected(OPENID)).isNull();
    assertThat(asked()).isEqualTo(1);
    assertThat(world.log()).contains("account_not_named");
  }

  @Test
  void brokenIdTokenCostsNoConsentAndNamesNobody() {
    Consumer<ObjectNode> foreign = claims -> claims.put("aud", "another-client");
    named(accounts -> accounts.idToken(foreign));
    assertThat(connected(OPENID)).isNull();
    assertThat(world.log()).contains("id_token_unused", "aud");
  }

  @Test
  void accountIsForgottenWithTheConnection() {
    named(accounts -> accounts.idToken(_ -> {}));
    connected(OPENID);
    assertThat(world.everythingStored()).doesNotContain("alice");
    world.flow().disconnect(USER, world.connection(), deadline());
    assertThat(world.grants().connections(USER.user())).isEmpty();
    assertThat(connected("files")).isEqualTo(new Account("alice", null));
  }
}
