package social.avatarai.mcp.authorization;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.FlowWorld.deadline;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.server.ConnectionView;
import social.avatarai.mcp.token.Account;
import social.avatarai.mcp.token.AccountChange;
import social.avatarai.mcp.token.AccountChanges;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Grant.Warning;
import social.avatarai.mcp.token.GrantId;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.FlowWorld;
import social.avatarai.mcp.world.GrantWorld;

/** A reconnect comes back as somebody else. */
class AccountChangeFlowTest {
  private final FlowWorld world = FlowWorld.start();

  @BeforeEach
  void nameAccounts() {
    world.authorizationServer.adjust(knobs -> knobs.accounts(
        accounts -> accounts.idToken(claims -> claims.put("email", claims.path("sub").asText() + "@example.com"))));
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void signIn(@Nullable String owner) {
    world.authorizationServer.adjust(knobs -> knobs.accounts(accounts -> accounts.signedIn(owner)));
  }

  private Grant connectAs(String owner) {
    signIn(owner);
    return world.connect();
  }

  /** A consent that does not replace the grant. */
  private AccountChange comeBackAs(String owner) {
    signIn(owner);
    var begun = world.begin();
    assertThat(world.callback(begun, world.approve(begun))).isEqualTo(world.failed(ErrorCode.ACCOUNT_CHANGED))
        .as("outcome");
    return requireNonNull(view().accountChange());
  }

  private ConnectionView view() {
    return world.flow().connection(USER, world.connection());
  }

  private String whoami() {
    return GrantWorld.saidBy(world.flow().access(USER, new Target.ByConnection(world.connection()),
        GrantWorld.call("whoami"), deadline()));
  }

  private Grant keepNew(Caller caller, GrantId change) {
    return world.flow().keepNewAccount(caller, world.connection(), change, deadline());
  }

  private void keepOld(GrantId change) {
    world.flow().keepOldAccount(USER, world.connection(), change, deadline());
  }

  @Test
  void anotherAccountReplacesNothingUntilTheUserDecides() {
    var before = connectAs("alice");
    comeBackAs("bob");
    assertThat(world.stored(USER)).contains(before);
    assertThat(whoami()).isEqualTo("alice");
    assertThat(view().account()).isEqualTo(new Account("alice", "alice@example.com"));
  }
}
