package social.avatarai.mcp.benchmarks.warm;

import java.nio.file.Path;
import java.time.Duration;

/** The process of the service, from outside: what it has used. */
record ServiceProcess(ProcessHandle handle) {
  static ServiceProcess of(long pid) {
    return new ServiceProcess(ProcessHandle.of(pid).orElseThrow());
  }

  Duration cpu() {
    return Load.cpu(handle);
  }

  /** The memory that the process holds, in MB. */
  double residentMegabytes() {
    return Long.parseLong(Child.output("ps", "-o", "rss=", "-p", Long.toString(handle.pid())).strip()) / 1024.0;
  }

  /** The bytes of the objects that are still reachable after a collection, in MB. The last line is their sum. */
  double liveMegabytes() {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    var words = Child.output(jcmd, Long.toString(handle.pid()), "GC.class_histogram").strip().split("\\s+");
    return Long.parseLong(words[words.length - 1]) / 1048576.0;
  }
}
