package social.avatarai.mcp.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Only the protocol classes and their selector know which versions and eras of the protocol exist: those towards servers,
 * and those towards clients.
 */
class ProtocolSeamTest {
  private static final Path ROOT = Path.of("../..");
  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|(?<!:)//[^\n]*");
  private static final Pattern VERSION = Pattern.compile(
      "\\bProtocolVersion\\.|\\b(class|enum) ProtocolVersion|mcp\\.ProtocolVersion|\\bisModern\\b|\\bisStateless\\b"
          + "|NegotiatedProtocol\\.modern\\b|\\bEra\\.(MODERN|LEGACY|SSE)\\b|\"20\\d\\d-\\d\\d-\\d\\d\"");
  private static final Pattern PROTOCOL = Pattern
      .compile("\\b(ModernProtocol|LegacyProtocol|SseProtocol|EraCache)\\b");

  @Test
  void versionsAreKnownToTheProtocolsAndTheirSelectorAlone() throws IOException {
    assertThat(sourcesWith(VERSION)).containsExactlyInAnyOrder("ProtocolVersion.java", "NegotiatedProtocol.java",
        "ModernProtocol.java", "LegacyProtocol.java", "SseProtocol.java", "ProtocolSelector.java", "ModernClient.java",
        "LegacyClient.java",
        "ClientProtocols.java");
  }

  @Test
  void protocolsAreKnownToTheirSelectorAlone() throws IOException {
    assertThat(sourcesWith(PROTOCOL)).containsExactlyInAnyOrder("ModernProtocol.java", "LegacyProtocol.java",
        "SseProtocol.java", "EraCache.java", "ProtocolSelector.java");
  }

  /** The names of the product's source files that match outside their comments. */
  private static Stream<String> sourcesWith(Pattern pattern) throws IOException {
    try (var shared = Files.list(ROOT.resolve("shared")); var functions = Files.list(ROOT.resolve("functions"))) {
      var modules = Stream.concat(shared.filter(module -> !module.endsWith("testkit")), functions);
      return modules.map(module -> module.resolve("src/main/java")).filter(Files::isDirectory)
          .flatMap(ProtocolSeamTest::sources).filter(file -> pattern.matcher(code(file)).find())
          .map(file -> file.getFileName().toString()).toList().stream();
    }
  }

  private static Stream<Path> sources(Path module) {
    try (var files = Files.walk(module)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String code(Path file) {
    try {
      return COMMENT.matcher(Files.readString(file)).replaceAll("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
