package social.avatarai.mcp.benchmarks.coldstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The classes that a process loaded, from the JVM's own log.
 *
 * @param all how many
 * @param archived how many of them came from an archive or a cache
 * @param byOrigin how many, by whose they are
 */
record LoadedClasses(int all, int archived, Map<Origin, Integer> byOrigin) {

  /** Whose a class is. */
  enum Origin {
    JDK(""), AWS_SDK("software.amazon.awssdk"), JACKSON("com.fasterxml"), HTTP_CLIENT("org.apache.hc"), OURS(
        "social.avatarai"), RUNTIME("com.amazonaws"), OTHER(""), GENERATED("");

    private final String prefix;

    Origin(String prefix) {
      this.prefix = prefix;
    }

    private static Origin of(String name) {
      if (name.contains("$$") || name.contains("/0x") || name.startsWith("java.lang.invoke.LambdaForm"))
        return GENERATED;
      // The SDK has a copy of jackson-core in a package of its own.
      if (name.startsWith("software.amazon.awssdk.thirdparty.jackson")) return JACKSON;
      for (var origin : List.of(AWS_SDK, JACKSON, HTTP_CLIENT, OURS, RUNTIME)) {
        if (name.startsWith(origin.prefix)) return origin;
      }
      return name.matches("(java|javax|jdk|sun|com\\.sun)\\..*") ? JDK : OTHER;
    }
  }

  /** The option that writes the log. */
  static String option(Path log) {
    return "-Xlog:class+load=info:file=" + log + ":none";
  }

  static LoadedClasses read(Path log) throws IOException {
    int all = 0;
    int archived = 0;
    var byOrigin = new EnumMap<Origin, Integer>(Origin.class);
    for (String line : Files.readAllLines(log)) {
      int source = line.indexOf(" source: ");
      if (source < 0) continue;
      all++;
      if (line.startsWith("shared objects file", source + 9)) archived++;
      byOrigin.merge(Origin.of(line.substring(0, source)), 1, Integer::sum);
    }
    return new LoadedClasses(all, archived, byOrigin);
  }
}
