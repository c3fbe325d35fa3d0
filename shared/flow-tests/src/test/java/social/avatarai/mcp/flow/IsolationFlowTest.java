package social.avatarai.mcp.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.OTHER;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.renewed;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.token.Grant;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.world.GrantWorld;

/** Two users of one server act in any order. Neither user ever gets a token of the other. */
class IsolationFlowTest {

  @Test
  void connectionOfAnotherUserIsNotThere() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      for (Runnable asking : new Runnable[]{() -> world.access(OTHER, listTools()), () -> world.refresh(OTHER)}) {
        assertThatThrownBy(asking::run).isInstanceOfSatisfying(Failure.Unknown.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND));
      }
      assertThat(world.byUrl(OTHER, world.mcpServer.url(), listTools())).isInstanceOf(Access.ConsentNeeded.class);
      assertThat(world.mcpServer.requests()).noneMatch(request -> request.header("authorization").isPresent());
      assertThat(world.refreshTokensSent()).isEmpty();
    }
  }

  @Test
  void operatorHasNoGrantsOfItsUsers() {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      var operator = new Caller(OTHER.user(), true);
      assertThatThrownBy(() -> world.access(operator, listTools())).isInstanceOf(Failure.Unknown.class);
    }
  }

  @Test
  void usersWhoAskAtTheSameTimeOfOneProcessAreToldApart() throws Exception {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.connect(OTHER);
      var tasks = new ArrayList<Callable<Boolean>>();
      for (int i = 0; i < 40; i++) {
        var caller = i % 2 == 0 ? USER : OTHER;
        String owner = i % 2 == 0 ? "owner-1" : "owner-2";
        tasks.add(() -> saidBy(world.access(caller, call("whoami"))).equals(owner));
      }
      assertThat(GrantWorld.together(tasks)).containsOnly(true);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void neitherEverMeetsATokenOfTheOther(long seed) {
    try (var world = GrantWorld.start()) {
      new Walk(world, new Random(seed)).steps(60);
    }
  }

  /** Random acts of the two users. Each act is checked by the owner of the token that the MCP server saw. */
  private static final class Walk {
    private final GrantWorld world;
    private final Random random;
    private final Map<Caller, Grant> grants = new HashMap<>();
    private final Map<Caller, String> owners = new HashMap<>();
    private int consents;

    Walk(GrantWorld world, Random random) {
      this.world = world;
      this.random = random;
    }

    void steps(int count) {
      connect(USER);
      connect(OTHER);
      for (int i = 0; i < count; i++)
        step(random.nextBoolean() ? USER : OTHER);
    }

    private void step(Caller caller) {
      switch (random.nextInt(8)) {
        case 0 -> connect(caller);
        case 1 -> world.clock.advance(Duration.ofMinutes(random.nextInt(90)));
        case 2 -> keep(caller, renewed(world.refresh(caller)));
        case 3 -> keep(caller, renewed(world.refresh(caller, refreshTokenOf(grant(caller)), client(caller))));
        case 4 -> refreshWithTheOthersToken(caller);
        case 5 -> assertOwn(caller, world.byUrl(caller, world.mcpServer.url(), call("whoami")));
        case 6 -> assertOwn(caller, world.byUrl(caller, world.mcpServer.url() + "?x=1", call("whoami")));
        default -> assertOwn(caller, world.access(process(), caller, call("whoami")));
      }
    }

    private Flow process() {
      return random.nextInt(4) == 0 ? world.anotherProcess() : world.flow;
    }

    private void connect(Caller caller) {
      owners.put(caller, "owner-" + ++consents);
      keep(caller, world.connect(caller));
    }

    private void refreshWithTheOthersToken(Caller caller) {
      var other = caller.equals(USER) ? OTHER : USER;
      int sent = world.refreshTokensSent().size();
      assertThat(world.refresh(caller, refreshTokenOf(grant(other)), client(other)))
          .isInstanceOf(Refreshed.InvalidGrant.class);
      assertThat(world.refreshTokensSent()).hasSize(sent);
    }

    private void assertOwn(Caller caller, Access access) {
      assertThat(saidBy(access)).isEqualTo(owners.get(caller));
      keep(caller, world.grantOf(caller));
    }

    private void keep(Caller caller, Grant grant) {
      assertThat(grant.key().user()).isEqualTo(caller.user());
      assertThat(world.authorizationServer.subjectOf(grant.tokens().accessToken().reveal()).orElse(owner(caller)))
          .isEqualTo(owner(caller));
      grants.put(caller, grant);
    }

    private String owner(Caller caller) {
      return owners.getOrDefault(caller, "");
    }

    private Grant grant(Caller caller) {
      var grant = grants.get(caller);
      if (grant == null) throw new AssertionError("not connected");
      return grant;
    }

    private ClientId client(Caller caller) {
      return grant(caller).client().id();
    }
  }
}
