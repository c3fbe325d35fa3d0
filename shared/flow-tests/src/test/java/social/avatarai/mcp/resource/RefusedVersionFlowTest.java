package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.by;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.withId;
import static social.avatarai.mcp.testkit.McpServerKnobs.Rejection.withoutId;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.call;
import static social.avatarai.mcp.world.GrantWorld.saidBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.testkit.McpServerKnobs.Rejection;
import social.avatarai.mcp.world.GrantWorld;

/** A server refuses the newest version, instead of offering another one, and in doing so says what it would accept. */
class RefusedVersionFlowTest {

  private static List<String> proposed(GrantWorld world) {
    return world.mcpServer.requests().stream()
        .filter(request -> request.json().path("method").asText().equals("initialize"))
        .map(request -> request.json().at("/params/protocolVersion").asText()).toList();
  }

  static List<Rejection> inAList() {
    return List.of(withId(200, -32602, "Unsupported protocol version"), withId(400, -32602, "no"),
        withId(200, -32022, "no"), withId(400, -32022, "no"), withId(200, -32000, "no"), withId(400, -32000, "no"),
        withoutId(400, -32602, "no"), withoutId(400, -32000, "no"));
  }

  @ParameterizedTest
  @MethodSource("inAList")
  void newestCommonVersionOfTheListIsProposedNext(Rejection rejection) {
    try (var world = GrantWorld.start(_ -> {},
        knobs -> knobs.protocolVersions("2024-11-05", "2025-03-26", "2030-01-01").unknownVersion(rejection, true))) {
      world.connect(USER);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(proposed(world)).containsExactly("2025-11-25", "2025-03-26");
    }
  }

  static List<Rejection> inWords() {
    return List.of(withId(200, -32602, "Unsupported protocol version"),
        withId(400, -32000, "Bad Request: Unsupported protocol version: 2025-11-25"),
        withoutId(400, -32000, "Unsupported protocolVersion"), withId(400, -32022, "no"),
        withId(500, -32603, "protocol version 2025-11-25 is not supported"));
  }

  @ParameterizedTest
  @MethodSource("inWords")
  void olderVersionsAreProposedInTurnWhereTheServerNamesNone(Rejection rejection) {
    try (var world = GrantWorld.start(_ -> {},
        knobs -> knobs.protocolVersions("2025-03-26").unknownVersion(rejection, false))) {
      world.connect(USER);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(proposed(world)).containsExactly("2025-11-25", "2025-06-18", "2025-03-26");
    }
  }

  @Test
  void versionThatTheWordsNameIsProposedFirst() {
    var rejection = withId(400, -32602, "Unsupported protocol version: 2025-11-25. Supported versions: 2024-11-05");
    try (var world = GrantWorld.start(_ -> {},
        knobs -> knobs.protocolVersions("2024-11-05").unknownVersion(rejection, false))) {
      world.connect(USER);
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
      assertThat(proposed(world)).containsExactly("2025-11-25", "2024-11-05");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void serverWithoutACommonVersionIsNotAskedForEver(boolean lists) {
    var rejection = withId(400, -32602, "Unsupported protocol version");
    try (var world = GrantWorld.start(_ -> {},
        knobs -> knobs.protocolVersions("2030-01-01").unknownVersion(rejection, lists))) {
      world.connect(USER);
      assertThat(world.access(USER, call("whoami"))).isInstanceOf(Access.RpcError.class);
      assertThat(proposed(world)).doesNotHaveDuplicates().hasSize(lists ? 1 : 4);
    }
  }

  @Test
  void refusalThatSpeaksOfNoVersionIsHandedOnAtOnce() {
    try (var world = GrantWorld.start(_ -> {},
        knobs -> knobs.protocolVersions("2025-03-26").unknownVersion(withId(400, -32603, "no"), false))) {
      world.connect(USER);
      assertThat(world.access(USER, call("whoami"))).isInstanceOf(Access.RpcError.class);
      assertThat(proposed(world)).containsExactly("2025-11-25");
    }
  }

  @Test
  void serverThatForgetsItsSessionIsToldTheVersionThatItAccepts() {
    try (var world = GrantWorld.start(_ -> {}, knobs -> knobs.protocolVersions("2025-03-26")
        .unknownVersion(withId(400, -32602, "no"), true).unknownSession(by(404)))) {
      world.connect(USER);
      world.access(USER, call("whoami"));
      world.mcpServer.forgetSessions();
      assertThat(saidBy(world.access(USER, call("whoami")))).isEqualTo("owner-1");
    }
  }
}
