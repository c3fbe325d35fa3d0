package social.avatarai.mcp.local.mutation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One check that is broken on purpose: an edit of one source file, and the tests that must fail with it.
 *
 * <p>Its file in {@code .ci/mutants} has comment lines with {@code #}, one line {@code file}, a line {@code fails} for
 * each test method, the line {@code replace} with the text behind it, and the line {@code with} with the replacement
 * behind it.
 *
 * @param name the name of its file
 * @param source the source file, from the root of the project
 * @param tests the test methods that must fail
 * @param text what is replaced; it occurs once in the source file
 * @param replacement what replaces the text
 */
record Mutation(String name, Path source, List<TestMethod> tests, String text, String replacement) {

  /** A test method, by the simple name of its class. */
  record TestMethod(String testClass, String method) {
    static TestMethod of(String text) {
      int dot = text.indexOf('.');
      if (dot < 0) throw new IllegalArgumentException(text + " is no test method: write Class.method");
      return new TestMethod(text.substring(0, dot), text.substring(dot + 1));
    }

    @Override
    public String toString() {
      return testClass + "." + method;
    }
  }

  static List<Mutation> all(Path root) {
    try (var files = Files.list(root.resolve(".ci/mutants"))) {
      return files.sorted().map(Mutation::read).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Mutation read(Path file) {
    var lines = lines(file);
    int replace = lines.indexOf("replace");
    int with = lines.indexOf("with");
    if (replace < 0 || with < replace) throw new IllegalArgumentException(file + " has no `replace` and `with`");
    var head = lines.subList(0, replace);
    return new Mutation(nameOf(file), Path.of(values(head, "file").getFirst()),
        values(head, "fails").stream().map(TestMethod::of).toList(), joined(lines.subList(replace + 1, with)),
        joined(lines.subList(with + 1, lines.size())));
  }

  private static String nameOf(Path file) {
    return file.getName(file.getNameCount() - 1).toString();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> values(List<String> head, String key) {
    return head.stream().filter(line -> line.startsWith(key + " ")).map(line -> line.substring(key.length() + 1))
        .toList();
  }

  private static String joined(List<String> lines) {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  /** The name of the source file without its folders. */
  String sourceName() {
    return nameOf(source);
  }

  /** How often the text occurs in its file. A mutation applies if this is once. */
  int occurrences(Path root) {
    String whole = source(root);
    int count = 0;
    for (int at = whole.indexOf(text); at >= 0; at = whole.indexOf(text, at + 1))
      count++;
    return count;
  }

  /** The source file with the check broken. */
  String broken(Path root) {
    return source(root).replace(text, replacement);
  }

  private String source(Path root) {
    try {
      return Files.readString(root.resolve(source));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
