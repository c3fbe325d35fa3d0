package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.connected;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.invocation;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.authorization.AuthorizationStart;
import social.avatarai.mcp.flow.Flow.Target;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.world.GrantWorld;
import social.avatarai.mcp.world.ServerWorld;

/**
 * Several users give their servers the same names and act at random. Every user sees only their own records and tokens,
 * and does not even learn that the others' exist.
 */
class RegistryIsolationFlowTest {
  private static final List<Caller> USERS = List.of(user("1"), user("2"), user("3"));
  private static final List<ConnectionId> SERVERS = List.of(new ConnectionId("mail"), new ConnectionId("notes"));

  private static Caller user(String number) {
    return new Caller(new UserId("did:plc:invented" + number), false);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void eachSeesTheirOwnAndNothingElse(long seed) {
    try (var world = GrantWorld.start()) {
      new Walk(world, new Random(seed)).steps(120);
    }
  }

  /** The expected records and tokens, beside the real ones. */
  private static final class Walk {
    private final GrantWorld world;
    private final Random random;
    private final Map<ConnectionKey, String> records = new HashMap<>();
    private final Map<ConnectionKey, String> owners = new HashMap<>();
    private int consents;
    private int names;

    Walk(GrantWorld world, Random random) {
      this.world = world;
      this.random = random;
    }

    void steps(int count) {
      for (int i = 0; i < count; i++)
        step(USERS.get(random.nextInt(USERS.size())), SERVERS.get(random.nextInt(SERVERS.size())));
      assertThat(consents).as("consents on the walk").isPositive();
    }

    private void step(Caller caller, ConnectionId id) {
      var key = new ConnectionKey(caller.user(), id);
      switch (random.nextInt(7)) {
        case 0, 1 -> put(caller, key);
        case 2 -> get(caller, key);
        case 3 -> list(caller);
        case 4 -> connect(caller, key);
        case 5 -> access(caller, key);
        default -> end(caller, key);
      }
    }

    private void put(Caller caller, ConnectionKey key) {
      String name = "record " + ++names;
      var record = ServerWorld.record(world.mcpServer.url()).put("name", name);
      assertThat(name(world.flow.putServer(caller, key.connection(), record, invocation()))).isEqualTo(name);
      records.put(key, name);
    }

    private void get(Caller caller, ConnectionKey key) {
      if (!records.containsKey(key)) assertNotThere(() -> world.flow.server(caller, key.connection()));
      else
        assertThat(name(world.flow.server(caller, key.connection()))).isEqualTo(records.get(key));
    }

    private void list(Caller caller) {
      var expected = records.entrySet().stream().filter(entry -> entry.getKey().user().equals(caller.user()))
          .map(Map.Entry::getValue).collect(Collectors.toSet());
      assertThat(world.flow.servers(caller, null, 50).servers().stream().map(Walk::name)).hasSize(expected.size())
          .allSatisfy(name -> assertThat(expected).contains(name));
    }

    private void connect(Caller caller, ConnectionKey key) {
      if (!records.containsKey(key)) {
        assertNotThere(() -> world.flow.connect(caller, key.connection(), AuthorizationStart.fresh(), invocation()));
        return;
      }
      switch (world.flow.connect(caller, key.connection(), AuthorizationStart.fresh(), invocation())) {
        case Connecting.Connected _ -> assertThat(owners).containsKey(key);
        case Connecting.AuthorizationRequired(var begun, _) -> {
          assertThat(owners).doesNotContainKey(key);
          assertThat(connected(world.finish(begun)).key()).isEqualTo(key);
          owners.put(key, "owner-" + ++consents);
        }
        case Connecting refused -> throw new AssertionError("refused: " + refused);
      }
    }

    private void access(Caller caller, ConnectionKey key) {
      var target = new Target.ByConnection(key.connection());
      if (!records.containsKey(key)) {
        assertNotThere(() -> world.flow.access(caller, target, call("whoami"), inTime()));
      } else if (!owners.containsKey(key)) {
        assertThat(world.flow.access(caller, target, call("whoami"), inTime()))
            .isInstanceOf(Access.ConsentNeeded.class);
      } else {
        assertThat(saidBy(world.flow.access(caller, target, call("whoami"), inTime()))).isEqualTo(owners.get(key));
      }
    }

    private void end(Caller caller, ConnectionKey key) {
      if (!records.containsKey(key)) {
        assertNotThere(() -> world.flow.disconnect(caller, key.connection(), inTime()));
      } else if (random.nextBoolean()) {
        world.flow.disconnect(caller, key.connection(), inTime());
      } else {
        world.flow.deleteServer(caller, key.connection(), inTime());
        records.remove(key);
      }
      owners.remove(key);
    }

    private static void assertNotThere(Runnable asking) {
      assertThatThrownBy(asking::run).isInstanceOfSatisfying(Failure.Unknown.class,
          failure -> assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }

    private static String name(ObjectNode record) {
      return record.path("name").asText();
    }
  }
}
