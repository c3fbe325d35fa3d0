package social.avatarai.mcp.lambda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The sources of all modules, in which a page may name a class or a member of one. */
final class SourceFiles {
  private final Map<String, List<Path>> byClass = new HashMap<>();

  /** @param part the part of each module: {@code src/main} or {@code src/test} */
  SourceFiles(String part) throws IOException {
    for (String modules : new String[]{"shared", "functions", "local"}) {
      try (var files = Files.walk(LimitTable.PROJECT.resolve(modules))) {
        for (var file : files.filter(file -> isIn(part, file)).toList())
          byClass.computeIfAbsent(typeIn(file), _ -> new ArrayList<>()).add(file);
      }
    }
  }

  private static boolean isIn(String part, Path file) {
    String path = file.toString().replace('\\', '/');
    return path.endsWith(".java") && path.contains("/" + part + "/");
  }

  private static String typeIn(Path file) {
    return String.valueOf(file.getFileName()).replace(".java", "");
  }

  /** Whether there is such a class, or a class with such a member: {@code Flow}, {@code Flow.access}. */
  boolean declares(String name) throws IOException {
    int dot = name.indexOf('.');
    if (dot < 0) return byClass.containsKey(name);
    // Members of a class are indented by two blanks; so no mere call counts.
    return matches(name.substring(0, dot), "(?m)^  (?! )[\\w<>@,?. \\[\\]]*\\b" + name.substring(dot + 1) + "\\b");
  }

  /** Whether there is such a test: {@code ChartsPageTest.everyBoxHasARow}. */
  boolean hasTest(String name) throws IOException {
    int dot = name.indexOf('.');
    return dot > 0 && matches(name.substring(0, dot), "(?m)^  @(?:Parameterized)?Test(?:Factory)?\\b.*\\n"
        + "(?:^ {2,6}[^ }].*\\n)*?^  (?:public )?(?:void|Stream<DynamicTest>) " + name.substring(dot + 1) + "\\(");
  }

  private boolean matches(String type, String pattern) throws IOException {
    var sought = Pattern.compile(pattern);
    for (var file : byClass.getOrDefault(type, List.of())) {
      if (sought.matcher(Files.readString(file)).find()) return true;
    }
    return false;
  }
}
