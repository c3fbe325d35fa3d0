package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The service as {@code local/run} starts it: a process of its own, without the demo. */
final class LocalProcess implements AutoCloseable {
  private final Process process;
  private final String base;

  private LocalProcess(Process process, String base) {
    this.process = process;
    this.base = base;
  }

  static LocalProcess start(Path folder) throws IOException, InterruptedException {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    var out = folder.resolve("out");
    var builder = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
        LocalRunner.class.getName(), "../template.yaml").redirectOutput(out.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(Map.of("DDB_LOCAL_TELEMETRY", "0", "AWS_EC2_METADATA_DISABLED", "true", "HOME",
        folder.toString(), "DEMO", "off", "PORT", Integer.toString(port)));
    var service = new LocalProcess(builder.start(), "http://localhost:" + port);
    while (!Files.readString(out).contains("ready " + service.base))
      assertThat(service.process.waitFor(50, TimeUnit.MILLISECONDS)).as("it ends before it serves").isFalse();
    return service;
  }

  String base() {
    return base;
  }

  Process process() {
    return process;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
