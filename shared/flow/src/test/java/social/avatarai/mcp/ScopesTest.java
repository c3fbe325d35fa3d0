package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScopesTest {

  @Test
  void readsTokensInTheirOrderAndEachOnce() {
    assertThat(Scopes.parse("  read  write read openid ").values()).containsExactly("read", "write", "openid");
    assertThat(Scopes.parse("read write")).hasToString("read write");
    assertThat(Scopes.parse(" ")).isEqualTo(Scopes.none());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\tb", "a\"b", "a\\b", "a\nb", "ä", "a\u0000"})
  void rejectsWhatIsNoScopeToken(String text) {
    assertThatThrownBy(() -> Scopes.parse(text)).isInstanceOf(IllegalArgumentException.class);
    var failure = catchThrowableOfType(Failure.BadRequest.class, () -> Scopes.ofParameter("scope", text));
    assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  @Test
  void rejectsMoreThanItsCap() {
    assertThat(new Scopes(many("s", 200)).values()).hasSize(200);
    assertThatThrownBy(() -> new Scopes(many("s", 201))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Scopes.parse("a".repeat(513))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keepsTheGoodTokensOfAStranger() {
    assertThat(Scopes.lenient(List.of("read", "", "a b", "write", "x\"")).values()).containsExactly("read", "write");
  }

  @Test
  void keepsTheGoodTokensOfAStrangerWhoRepeatsOne() {
    var tokens = new ArrayList<>(Collections.nCopies(300, "read"));
    tokens.add("write");

    assertThat(Scopes.lenient(tokens).values()).containsExactly("read", "write");
  }

  @Test
  void unitesWithinItsCapWhateverAChallengeNames() {
    var granted = Scopes.parse("read write");

    assertThat(granted.union(Scopes.parse("write admin")).values()).containsExactly("read", "write", "admin");
    assertThat(granted.union(Scopes.lenient(many("s", 500))).values()).hasSize(200).startsWith("read", "write", "s0");
  }

  @Test
  void addsAndTakesAwayOne() {
    assertThat(Scopes.none().with("read").with("read").values()).containsExactly("read");
    assertThat(Scopes.parse("read write").without("read").values()).containsExactly("write");
    assertThat(Scopes.parse("read write").contains("write")).isTrue();
    assertThat(Scopes.parse("read write").containsAll(Scopes.parse("write read"))).isTrue();
    assertThat(Scopes.parse("read").containsAll(Scopes.parse("read write"))).isFalse();
  }

  private static List<String> many(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }
}
