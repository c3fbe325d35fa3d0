package social.avatarai.mcp.benchmarks.coldstart;

import java.util.List;

/** What the JVM has of the classes of a function before it starts. */
enum Mode {
  /** The archive of the JDK's own classes, as in Lambda's java25 runtime. */
  PLAIN("plain", ""),
  /** An archive of the loaded classes (AppCDS). */
  APP_CDS("appcds", ".jsa"),
  /** A cache of loaded and linked classes and of profiles (JEP 483, 514 and 515). */
  AOT("aot", ".aot");

  private final String option;
  private final String suffix;

  Mode(String option, String suffix) {
    this.option = option;
    this.suffix = suffix;
  }

  /** The name on the command line and in the tables. */
  String option() {
    return option;
  }

  /** How the name of a cache file ends. */
  String suffix() {
    return suffix;
  }

  /** The options that write a cache at the end of a process, as {@code ops/image} does. */
  List<String> writing(String file) {
    return this == AOT
        ? List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining", "-XX:AOTCacheOutput=" + file)
        : List.of("-XX:ArchiveClassesAtExit=" + file);
  }

  /** The option that uses a cache. */
  String using(String file) {
    return (this == AOT ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + file;
  }
}
