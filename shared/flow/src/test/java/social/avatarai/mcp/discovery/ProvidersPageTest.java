package social.avatarai.mcp.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ProvidersPageTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "providers.md");
  private static final Path MADE = Path.of("target", "providers.md");

  private final Profiles profiles = Profiles.load();

  @Test
  void isMadeOfTheFilesOfTheProfiles() throws IOException {
    String made = new ProvidersPage(profiles.documents()).text();
    Files.createDirectories(MADE.getParent());
    Files.writeString(MADE, made);

    assertThat(Files.exists(PAGE) ? Files.readString(PAGE) : "")
        .as("docs/providers.md is stale: cp shared/flow/target/providers.md docs/providers.md").isEqualTo(made);
  }

  @Test
  void explainsEveryMemberThatAProfileHas() {
    profiles.documents().forEach((name, document) -> {
      var explained = new TreeSet<>(ProvidersPage.said(document).keySet());
      var sources = new TreeSet<String>();
      document.path("sources").fieldNames().forEachRemaining(sources::add);
      assertThat(explained).as(name).containsAll(sources);
    });
  }

  /** A member that is explained and that no profile can have would be a fault for who writes it. */
  @Test
  void explainsNoMemberThatNoProfileCanHave() throws IOException {
    String readers = Files.readString(source("Profile")) + Files.readString(source("ProviderRequests"))
        + Files.readString(source("ProviderResponses"));

    for (String member : ProvidersPage.MEMBERS.keySet())
      assertThat(readers).contains("\"" + member.substring(member.indexOf('.') + 1) + "\"");
  }

  private static Path source(String name) {
    return Path.of("src", "main", "java", "social", "avatarai", "mcp", "discovery", name + ".java");
  }
}
