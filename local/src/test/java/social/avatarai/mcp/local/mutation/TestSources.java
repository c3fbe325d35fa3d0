package social.avatarai.mcp.local.mutation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Finds the module and the full name of a test class by its simple name. */
final class TestSources {
  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
  private static final String SUFFIX = ".java";

  private final Map<String, Found> byName = new HashMap<>();

  /**
   * A test class.
   *
   * @param module the folder of its module
   * @param fullName its name with its package
   * @param source its file
   */
  record Found(Path module, String fullName, Path source) {}

  private TestSources() {}

  /** The test classes of the modules that the project's POM names. */
  static TestSources of(Path root) {
    var sources = new TestSources();
    try {
      var modules = MODULE.matcher(Files.readString(root.resolve("pom.xml"))).results();
      for (String module : modules.map((MatchResult found) -> found.group(1)).toList())
        sources.add(root.resolve(module));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }

  private void add(Path module) throws IOException {
    var tests = module.resolve("src/test/java");
    if (Files.isDirectory(tests)) files(tests).forEach(file -> add(module, tests, file));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith("Test" + SUFFIX)).toList();
    }
  }

  private void add(Path module, Path tests, Path file) {
    String path = tests.relativize(file).toString();
    String fullName = path.substring(0, path.length() - SUFFIX.length()).replace('/', '.').replace('\\', '.');
    byName.put(fullName.substring(fullName.lastIndexOf('.') + 1), new Found(module, fullName, file));
  }

  Found find(String simpleName) {
    var found = byName.get(simpleName);
    if (found == null) throw new IllegalArgumentException("there is no test class " + simpleName);
    return found;
  }
}
