package social.avatarai.mcp.discovery;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;

/** Fuzzes challenges from other parties. They are read or skipped, and never cause an exception. */
class ChallengeFuzzTest {

  @FuzzTest
  void readsAChallengeOrNone(byte[] bytes) {
    var lines = List.of(new String(bytes, UTF_8).split("\n", -1));
    Challenge.answerable(lines).ifPresent(challenge -> {
      require(challenge.scheme().equals("bearer") || challenge.scheme().equals("dpop"), "it is one that we use");
      require(challenge.resourceMetadata().size() == challenge.resourceMetadata().stream().distinct().count(),
          "no URL is named twice");
      require(challenge.scope().values().stream().noneMatch(String::isBlank), "a scope is a token");
      challenge.isInsufficientScope();
    });
  }

  private static void require(boolean holds, String claim) {
    if (!holds) throw new AssertionError("broken: " + claim);
  }
}
