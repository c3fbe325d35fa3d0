package social.avatarai.mcp.benchmarks.coldstart;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What to measure.
 *
 * @param root the folder of this project
 * @param work a folder for unpacked archives and logs
 * @param caches the folder that keeps the caches of the JVM
 * @param node the program of Node
 * @param script the Node function
 */
record Options(Path root, Path work, Path caches, Path node, Path script, int rounds, List<String> contestants,
    List<Mode> modes) {

  /** The first five of the record's values, and then {@code [ROUNDS] [CONTESTANT,…] [MODE,…]}. */
  static Options of(String[] arguments) {
    var paths = Arrays.stream(arguments).limit(5).map(Path::of).toList();
    return new Options(paths.get(0), paths.get(1), paths.get(2), paths.get(3), paths.get(4),
        Integer.parseInt(argument(arguments, 5, "11")),
        List.of(argument(arguments, 6, String.join(",", Contestants.NAMES)).split(",")),
        Arrays.stream(argument(arguments, 7, "plain,appcds,aot").split(",")).map(Options::mode).toList());
  }

  private static String argument(String[] arguments, int index, String otherwise) {
    return arguments.length > index ? arguments[index] : otherwise;
  }

  private static Mode mode(String name) {
    return Arrays.stream(Mode.values()).filter(mode -> mode.option().equals(name)).findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no mode " + name));
  }
}
