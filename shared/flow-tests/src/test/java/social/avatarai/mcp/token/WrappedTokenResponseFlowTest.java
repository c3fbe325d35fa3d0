package social.avatarai.mcp.token;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.world.GrantWorld.USER;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;
import static social.avatarai.mcp.world.GrantWorld.renewed;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.world.GrantWorld;

/**
 * Token responses whose content is right and whose wrapping is not. The server has already spent the code or rotated the
 * refresh token, and takes a second use of it for theft: what is in the response must not be lost.
 */
class WrappedTokenResponseFlowTest {

  /** What real servers and the proxies before them do to the text of a response. */
  enum Wrapping {
    BYTE_ORDER_MARK, TEXT_BEHIND, TEXT_BEFORE, NOTICE_BEFORE, MEMBER_TWICE, OBJECT_TWICE, IN_A_STRING;

    String of(String json) {
      return switch (this) {
        case BYTE_ORDER_MARK -> "\ufeff" + json;
        case TEXT_BEHIND -> json + "\n<!-- served by node 7 -->\n";
        case TEXT_BEFORE -> ")]}',\n" + json;
        case NOTICE_BEFORE -> "<br />\n<b>Deprecated</b>: strlen() in /srv/token.php\n" + json;
        case MEMBER_TWICE -> "{\"token_type\":\"Bearer\"," + json.substring(1);
        case OBJECT_TWICE -> json + "\n" + json;
        case IN_A_STRING -> "\"" + json.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
      };
    }
  }

  /** The bug: the pair was thrown away, and a minute later the old refresh token ended the family. */
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", "deflate", "br", "br, gzip", "identity, gzip"})
  void aCompressedRefreshIsSentOnceAndTheGrantLives(String coding) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.authorizationServer.adjust(k -> k.contentEncoding(coding));
      assertGrantLivesAfterOneRefresh(world);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "utf-8", "none", "aws-chunked"})
  void aCodingThatWasNamedButNotAppliedLosesNoPair(String coding) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.authorizationServer.adjust(k -> k.contentEncoding(coding));
      assertGrantLivesAfterOneRefresh(world);
    }
  }

  @ParameterizedTest
  @EnumSource(Wrapping.class)
  void aRefreshInAWrappingIsSentOnceAndTheGrantLives(Wrapping wrapping) {
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.authorizationServer.adjust(k -> k.wrapping(wrapping::of));
      assertGrantLivesAfterOneRefresh(world);
    }
  }

  @ParameterizedTest
  @EnumSource(Wrapping.class)
  void aCodeIsRedeemedByAClientThatRegisteredWhereEveryResponseIsWrappedAndCompressed(Wrapping wrapping) {
    try (var world = GrantWorld.start(k -> k.wrapping(wrapping::of).contentEncoding("gzip"))) {
      var grant = world.connect(USER);
      assertThat(world.authorizationServer.registrations()).hasSize(1);
      assertThat(world.authorizationServer.liveRefreshTokens()).containsExactly(refreshTokenOf(grant).reveal());
      assertGrantLivesAfterOneRefresh(world);
    }
  }

  @Test
  void aFormThatIsCompressedIsReadToo() {
    try (var world = GrantWorld.start(k -> k.formEncodedTokenResponses().contentEncoding("gzip"))) {
      world.connect(USER);
      assertGrantLivesAfterOneRefresh(world);
    }
  }

  static Stream<UnaryOperator<String>> ambiguities() {
    return Stream.of(json -> "{\"refresh_token\":\"another\"," + json.substring(1),
        json -> json + "{\"error\":\"invalid_grant\"}");
  }

  @ParameterizedTest
  @MethodSource("ambiguities")
  void twoValuesForOneNameLeaveTheOutcomeUnknownAndNothingIsSentBeforeTheLeaseEnds(UnaryOperator<String> change) {
    try (var world = GrantWorld.start(k -> k.rotationGrace(Duration.ofMinutes(10)))) {
      world.connect(USER);
      world.expire();
      world.authorizationServer.adjust(k -> k.wrapping(change));
      assertNoTokenNow(world);
      world.authorizationServer.adjust(k -> k.wrapping(UnaryOperator.identity()));
      assertNoTokenNow(world);
      world.clock.advance(Duration.ofSeconds(35));
      assertNoTokenNow(world);
      assertThat(world.refreshTokensSent()).as("once while the lease lives").hasSize(1);
      world.clock.advance(Duration.ofSeconds(60));
      assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    }
  }

  @Test
  void theLogNamesTheFaultsAndNothingOfTheContent() {
    var log = new ByteArrayOutputStream();
    try (var world = GrantWorld.start()) {
      world.connect(USER);
      world.platform.loggingTo(new PrintStream(log, true, UTF_8));
      world.authorizationServer.adjust(k -> k.contentEncoding("gzip").wrapping(Wrapping.TEXT_BEHIND::of));
      var grant = renewed(world.anotherProcess().refresh(USER, new CallerRefresh.What.Stored(world.connection()),
          GrantWorld.inTime()));
      assertThat(log.toString(UTF_8)).contains("response_salvaged", "content_coding,text_behind",
          world.authorizationServer.origin()).doesNotContain("node 7", refreshTokenOf(grant).reveal());
    }
  }

  private static void assertGrantLivesAfterOneRefresh(GrantWorld world) {
    world.expire();
    assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    world.clock.advance(Duration.ofMinutes(10));
    assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    assertThat(world.refreshTokensSent()).as("one refresh").hasSize(1);
    assertThat(world.authorizationServer.liveRefreshTokens()).as("the grant lives")
        .containsExactly(refreshTokenOf(world.grantOf(USER)).reveal());
    world.expire();
    assertThat(world.access(USER, listTools())).isInstanceOf(Access.Answered.class);
    assertThat(world.refreshTokensSent()).doesNotHaveDuplicates().hasSize(2);
  }

  private static void assertNoTokenNow(GrantWorld world) {
    assertThatThrownBy(() -> world.access(USER, listTools())).isInstanceOf(Failure.Unreachable.class);
  }
}
