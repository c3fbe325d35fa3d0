package social.avatarai.mcp.benchmarks.warm;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.List;

/** Another program that measures: a line goes in, and a line with the result comes out. It ends with its input. */
final class Child implements AutoCloseable {
  private final Process process;
  private final BufferedReader lines;

  private Child(Process process) {
    this.process = process;
    this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  static Child start(List<String> command) {
    try {
      return new Child(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The output of a short command. */
  static String output(String... command) {
    try (var child = start(List.of(command))) {
      return String.join("\n", child.lines.lines().toList());
    }
  }

  Load ask(String line) {
    try {
      process.outputWriter(UTF_8).append(line).append('\n').flush();
      String result = lines.readLine();
      if (result == null) throw new IllegalStateException(line + " has no result");
      return Load.ofLine(result);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
