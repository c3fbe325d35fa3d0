package social.avatarai.mcp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.BuiltInWorld.builtIn;
import static social.avatarai.mcp.world.FlowWorld.OPERATOR;
import static social.avatarai.mcp.world.FlowWorld.OTHER;
import static social.avatarai.mcp.world.FlowWorld.USER;
import static social.avatarai.mcp.world.FlowWorld.assertFails;
import static social.avatarai.mcp.world.ServerWorld.MCP_ID;
import static social.avatarai.mcp.world.ServerWorld.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.FakeMcpServer;
import social.avatarai.mcp.world.BuiltInWorld;
import social.avatarai.mcp.world.FlowWorld;

/** A key that the operator has entered in a built-in record serves all users, and no user reads it. */
class BuiltInKeyFlowTest {
  private static final String KEY = "invented-key-of-the-operator";

  private final FlowWorld world = FlowWorld.start();
  private final FakeMcpServer mcp = FakeMcpServer.open(knobs -> knobs.requireHeader("X-API-Key", KEY));
  private final BuiltInWorld server = new BuiltInWorld(world);

  @AfterEach
  void close() {
    try (world) {
      mcp.close();
    }
  }

  private ObjectNode withKey(String url) {
    return withKey(url, KEY);
  }

  private static ObjectNode withKey(String url, String key) {
    var record = builtIn(url);
    record.putObject("authorization").put("method", "api_key").putObject("config").put("api_key", key);
    return record;
  }

  @Test
  void keyServesAllUsersAndNoUserReadsIt() {
    server.put(withKey(mcp.url()));
    for (var caller : List.of(USER, OTHER)) {
      assertThat(server.connect(caller)).isInstanceOf(Connecting.Connected.class);
      assertThat(server.access(caller)).isInstanceOf(Access.Answered.class);
      assertThat(config(server.seenBy(caller)).path("has_api_key").asBoolean()).isTrue();
      assertThat(server.seenBy(caller) + world.log() + world.everythingStored()).doesNotContain(KEY);
    }
  }

  @Test
  void sessionThatWasOpenedWithAFormerKeyIsNotSentWithTheNextOne() {
    try (var open = FakeMcpServer.open(knobs -> {})) {
      for (String key : List.of("operators-key-one-01", "operators-key-two-02")) {
        server.put(withKey(open.url(), key));
        server.access(USER);
        server.access(USER);
      }
      var keysOfSessions = open.requests().stream().filter(request -> request.header("mcp-session-id").isPresent())
          .collect(Collectors.groupingBy(request -> request.header("mcp-session-id").orElseThrow(),
              Collectors.mapping(request -> request.header("x-api-key").orElseThrow(), Collectors.toSet())));
      assertThat(keysOfSessions).hasSize(2).allSatisfy((_, keys) -> assertThat(keys).hasSize(1));
    }
  }

  @Test
  void keyIsNotSentToAnotherOriginThatTheOperatorWritesLater() {
    server.put(withKey(mcp.url()));
    try (var other = FakeMcpServer.open(knobs -> {})) {
      var moved = builtIn(other.url());
      moved.putObject("authorization").put("method", "api_key").putObject("config");
      assertFails(ErrorCode.INVALID_REQUEST, () -> world.flow().putServer(OPERATOR, MCP_ID, moved,
          world.now()));
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void userWhoseOwnRecordHidesTheBuiltInOneSendsNoKeyOfTheOperator() {
    var own = builtIn(mcp.url());
    own.remove("isBuiltin");
    world.flow().putServer(USER, MCP_ID, own, world.now());
    server.put(withKey(mcp.url()));
    assertThat(server.access(OTHER)).isInstanceOf(Access.Answered.class);
    int before = mcp.requests().size();
    assertThatThrownBy(() -> server.access(USER)).isInstanceOf(Failure.class);
    assertThat(mcp.requests().subList(before, mcp.requests().size())).isNotEmpty()
        .allSatisfy(request -> assertThat(request.header("X-API-Key")).isEmpty());
  }
}
