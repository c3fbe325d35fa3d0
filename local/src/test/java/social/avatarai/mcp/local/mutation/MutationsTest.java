package social.avatarai.mcp.local.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.local.mutation.Mutation.TestMethod;

/** The list of checks that are broken on purpose keeps up with the code. {@code .ci/mutations} breaks them. */
class MutationsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  /** The checks that protect tokens. Each is broken by a file of its own, which keeps this name. */
  private static final List<String> CHECKS = List.of("session-binding", "iss", "issuer-equality",
      "issuer-resource-binding", "resource-match", "pkce-refusal", "redirect-refusal", "address-check", "single-use",
      "destination-binding", "user-in-key", "plain-callback-rule", "budget", "token-scrub", "public-key-members");

  private final List<Mutation> all = Mutation.all(ROOT);

  @Test
  void everyCheckThatProtectsTokensIsBrokenOnPurpose() {
    assertThat(all).extracting(Mutation::name).containsAll(CHECKS);
  }

  @Test
  void everyMutationStillApplies() {
    assertThat(all).isNotEmpty().allSatisfy(mutation -> {
      assertThat(mutation.text()).as(mutation.name()).isNotBlank().isNotEqualTo(mutation.replacement());
      assertThat(mutation.occurrences(ROOT)).as("how often the text of %s occurs in %s", mutation.name(),
          mutation.source()).isEqualTo(1);
    });
  }

  @Test
  void everyMutationNamesTestsThatThereAre() throws IOException {
    var sources = TestSources.of(ROOT);
    for (var mutation : all) {
      assertThat(mutation.tests()).as(mutation.name()).isNotEmpty();
      for (TestMethod test : mutation.tests()) {
        assertThat(Files.readString(sources.find(test.testClass()).source())).as(mutation.name())
            .containsPattern("\\b" + test.method() + "\\(");
      }
    }
  }
}
