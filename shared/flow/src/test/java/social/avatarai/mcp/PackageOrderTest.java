package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The packages have an order: each package imports only packages before it. {@code resource}, {@code authorization}
 * and {@code event} share a place and do not import each other.
 */
class PackageOrderTest {
  private static final Path ROOT = Path.of("src/main/java/social/avatarai/mcp");
  private static final List<List<String>> ORDER = List.of(List.of(""), List.of("http"), List.of("vault"),
      List.of("discovery"), List.of("registration"), List.of("token"), List.of("record"),
      List.of("resource", "authorization", "event"), List.of("server"), List.of("proxy"), List.of("flow"));
  private static final Pattern IMPORT = Pattern
      .compile("(?m)^import (?:static )?social\\.avatarai\\.mcp\\.(?:([a-z]\\w*)\\.)?[A-Z]");

  @Test
  void noPackageKnowsOneThatComesAfterIt() throws IOException {
    try (var files = Files.walk(ROOT)) {
      assertThat(files.filter(file -> file.toString().endsWith(".java")).flatMap(PackageOrderTest::backwards))
          .isEmpty();
    }
  }

  @Test
  void everyPackageHasItsPlace() throws IOException {
    try (var folders = Files.list(ROOT)) {
      var packages = folders.filter(folder -> Files.exists(folder.resolve("package-info.java")))
          .map(folder -> folder.getFileName().toString());
      assertThat(packages).allMatch(name -> place(name) >= 0).hasSize(12);
    }
  }

  private static Stream<String> backwards(Path file) {
    var inside = ROOT.relativize(file);
    String own = inside.getNameCount() == 1 ? "" : inside.getName(0).toString();
    return IMPORT.matcher(text(file)).results().map(found -> found.group(1) == null ? "" : found.group(1))
        .filter(other -> !other.equals(own) && place(other) >= place(own)).map(other -> file + " knows " + other);
  }

  private static int place(String name) {
    for (int i = 0; i < ORDER.size(); i++) {
      if (ORDER.get(i).contains(name)) return i;
    }
    return -1;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
