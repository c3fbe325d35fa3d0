package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.connected;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.invocation;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.world.BuiltInWorld;
import social.avatarai.mcp.world.GrantWorld;

/**
 * The operator moves, switches and deletes a built-in server at random, while several users connect to it. Every user
 * uses their own tokens only, and only at the server that they were given for.
 */
class BuiltInIsolationFlowTest {
  private static final List<Caller> USERS = List.of(user("1"), user("2"), user("3"));
  private static final Caller OPERATOR = new Caller(new UserId("app-backend"), true);
  private static final ConnectionId SERVER = new ConnectionId("mail");

  private static Caller user(String number) {
    return new Caller(new UserId("did:plc:invented" + number), false);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void eachUsesTheirOwnTokensAtTheServerTheyWereGivenFor(long seed) {
    try (var world = GrantWorld.start(); var other = FakeMcpServer.protectedBy(world.authorizationServer)) {
      new Walk(world, List.of(world.mcpServer, other), new Random(seed)).steps(150);
    }
  }

  /** A grant as it should be: the server and the owner that its token stands for. */
  private record Held(FakeMcpServer server, String owner) {}

  private static final class Walk {
    private final GrantWorld world;
    private final List<FakeMcpServer> servers;
    private final Random random;
    private final Map<Caller, Held> held = new HashMap<>();
    private final Map<FakeMcpServer, Set<String>> tokens = new HashMap<>();
    private @Nullable FakeMcpServer current;
    private boolean enabled;
    private int consents;

    Walk(GrantWorld world, List<FakeMcpServer> servers, Random random) {
      this.world = world;
      this.servers = servers;
      this.random = random;
    }

    void steps(int count) {
      for (int i = 0; i < count; i++)
        step(USERS.get(random.nextInt(USERS.size())));
      assertThat(consents).as("consents on the walk").isGreaterThan(3);
      servers.forEach(server -> assertThat(server.requests()).allSatisfy(request -> request.header("authorization")
          .ifPresent(header -> assertThat(tokensFor(server)).contains(header.substring("Bearer ".length())))));
    }

    private void step(Caller caller) {
      switch (random.nextInt(10)) {
        case 0 -> write();
        case 1 -> list(caller);
        case 2, 3, 4 -> connect(caller);
        case 5 -> disconnect(caller);
        default -> access(caller);
      }
    }

    private Set<String> tokensFor(FakeMcpServer server) {
      return tokens.computeIfAbsent(server, _ -> new HashSet<>());
    }

    private void write() {
      boolean deletes = current != null && random.nextInt(4) == 0;
      if (deletes) {
        var _ = world.flow.deleteServer(OPERATOR, SERVER, inTime());
        current = null;
        return;
      }
      current = servers.get(random.nextInt(servers.size()));
      enabled = random.nextInt(4) > 0;
      var record = BuiltInWorld.builtIn(current.url()).put("enabled", enabled);
      world.flow.putServer(OPERATOR, SERVER, record, invocation());
    }

    private void list(Caller caller) {
      var records = world.flow.servers(caller, null, 50).servers();
      assertThat(records).hasSize(current == null ? 0 : 1).allSatisfy(
          record -> assertThat(record.path("userId").asText()).isEqualTo(caller.user().value()));
      var own = held.get(caller);
      boolean fits = own != null && own.server() == current;
      assertThat(world.flow.connections(caller, null, 10).connections()).hasSize(records.size())
          .allSatisfy(view -> assertThat(view.resource() != null).isEqualTo(fits));
    }

    private boolean isRefused(Runnable deed) {
      if (current != null && enabled) return false;
      var code = current == null ? ErrorCode.NOT_FOUND : ErrorCode.SERVER_DISABLED;
      assertThatThrownBy(deed::run).isInstanceOfSatisfying(Failure.class,
          failure -> assertThat(failure.code()).isEqualTo(code));
      return true;
    }

    /** The grant of a user, if it is for the present server. Looking at the connection ends any other grant. */
    private @Nullable Held lookAt(Caller caller) {
      var own = held.get(caller);
      if (own != null && own.server() == current) return own;
      held.remove(caller);
      return null;
    }

    private void connect(Caller caller) {
      if (isRefused(() -> start(caller))) return;
      var own = lookAt(caller);
      switch (start(caller)) {
        case Connecting.Connected _ -> assertThat(own).isNotNull();
        case Connecting.AuthorizationRequired(var begun, _) -> {
          assertThat(own).isNull();
          var grant = connected(world.finish(begun));
          var server = servers.stream().filter(one -> one == current).findFirst().orElseThrow();
          assertThat(grant.target().serverUrl().value()).isEqualTo(server.url());
          tokensFor(server).add(grant.tokens().accessToken().reveal());
          held.put(caller, new Held(server, "owner-" + ++consents));
        }
        case Connecting refused -> throw new AssertionError("refused: " + refused);
      }
    }

    private Connecting start(Caller caller) {
      return world.flow.connect(caller, SERVER, AuthorizationStart.fresh(), invocation());
    }

    private void access(Caller caller) {
      if (isRefused(() -> ask(caller))) {
        if (current == null) held.remove(caller);
        return;
      }
      var own = lookAt(caller);
      if (own == null) assertThat(ask(caller)).isInstanceOf(Access.ConsentNeeded.class);
      else
        assertThat(saidBy(ask(caller))).isEqualTo(own.owner());
    }

    private Access ask(Caller caller) {
      return world.flow.access(caller, new Target.ByConnection(SERVER), call("whoami"), inTime());
    }

    private void disconnect(Caller caller) {
      if (current == null && !held.containsKey(caller)) {
        assertThatThrownBy(() -> world.flow.disconnect(caller, SERVER, inTime())).isInstanceOf(Failure.Unknown.class);
        return;
      }
      assertThat(world.flow.disconnect(caller, SERVER, inTime()).revoked()).isEqualTo(held.containsKey(caller));
      held.remove(caller);
    }
  }
}
