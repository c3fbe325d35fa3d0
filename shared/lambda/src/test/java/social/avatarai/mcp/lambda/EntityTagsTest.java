package social.avatarai.mcp.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.discovery.Profiles;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;

class EntityTagsTest {
  private static final Settings SETTINGS = Settings.read(
      Map.of("SESSIONS_TABLE", "s", "TOKENS_TABLE", "t", "DUE_TABLE", "d", "REGISTRATIONS_TABLE", "r", "SERVERS_TABLE",
          "v", "KEY_RING_SECRET", "k", "SIGNING_KEY_SECRET", "g", "CLIENT_SECRET_PREFIX", "p", "PUBLIC_BASE_URL",
          "https://api.example.com"),
      Profiles.load());

  private static Precondition of(Map<String, String> headers) {
    var event = Json.newObject();
    var sent = event.putObject("headers");
    headers.forEach(sent::put);
    return EntityTags.precondition(new Request(ApiEventJson.event(event), SETTINGS, Deadline.in(Duration.ofSeconds(9)),
        new Request.RouteLimits(Request.MAX_BODY_BYTES, Set.of())));
  }

  private static Precondition ifMatch(String value) {
    return of(Map.of("If-Match", value));
  }

  private static Precondition anyOf(String... revisions) {
    return new Precondition.AnyOf(Stream.of(revisions).map(Revision::new).collect(Collectors.toSet()));
  }

  @Test
  void requestWithoutTheHeadersDemandsNothing() {
    assertThat(of(Map.of("Content-Type", "application/json"))).isEqualTo(Precondition.none());
  }

  @Test
  void asteriskDemandsThatARecordIsThereOrIsNot() {
    assertThat(ifMatch("*")).isEqualTo(new Precondition.Present());
    assertThat(of(Map.of("if-none-match", " * "))).isEqualTo(Precondition.absent());
  }

  @Test
  void tagIsTheOneThatTheRecordCarries() {
    var revision = Revision.fresh();
    assertThat(ifMatch(EntityTags.of(revision))).isEqualTo(Precondition.is(revision));
  }

  @Test
  void listOfTagsIsReadAsRfc9110WritesIt() {
    assertThat(ifMatch("\"a\"")).isEqualTo(anyOf("a"));
    assertThat(ifMatch("\"a\", \"b\",\"c\"")).isEqualTo(anyOf("a", "b", "c"));
    assertThat(ifMatch(", \"a\" ,, \"a,b\" ,")).isEqualTo(anyOf("a", "a,b"));
    assertThat(ifMatch("\"\", \"W/\"")).isEqualTo(anyOf("", "W/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a", "\"a", "a\"", "W/\"a\"", "w/\"a\"", "\"a\", W/\"b\"", "\"a\" \"b\"", "\"a b\"",
      "*, \"a\"", "\"a\", *", "**", "\"a\u0001\"", "\"\u4e2d\""})
  void anythingElseIsRefused(String value) {
    assertRefused(Map.of("if-match", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"a\"", "W/\"a\"", "*, *"})
  void ifNoneMatchTakesOnlyTheAsterisk(String value) {
    assertRefused(Map.of("if-none-match", value));
  }

  @Test
  void bothHeadersTogetherAreRefused() {
    assertRefused(Map.of("if-match", "*", "if-none-match", "*"));
  }

  private static String tags(int count) {
    return IntStream.range(0, count).mapToObj(i -> "\"" + i + "\"").collect(Collectors.joining(","));
  }

  @Test
  void asManyTagsAsAreAllowedAndNoMore() throws Exception {
    int most = LimitTable.row("EntityTags.MAX_TAGS").number();
    assertThat(ifMatch(tags(most))).isInstanceOf(Precondition.AnyOf.class);
    assertRefused(Map.of("if-match", tags(most + 1)));
  }

  /** A pattern that tries many ways would not end here. */
  @Test
  void longHeaderIsJudgedAtOnce() {
    assertRefused(Map.of("if-match", "\"a\"," + " ,\t".repeat(3000) + "x"));
    assertRefused(Map.of("if-match", "\"a\",".repeat(3000) + "x"));
  }

  private static void assertRefused(Map<String, String> headers) {
    assertThatThrownBy(() -> of(headers)).isInstanceOfSatisfying(Failure.class,
        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }
}
