package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.resource.StdioProgram.Why;

/** Reads the lines of a program on a thread of its own, so that the program never waits, and within limits. */
final class ChildOutput {
  private static final int CHUNK = 64 * 1024;

  private final InputStream stream;
  private final Limits limits;
  private final Predicate<String> onLine;
  private final Consumer<Why> onEnd;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private volatile long total;

  /** In bytes. */
  record Limits(int line, long total) {}

  /**
   * Reads lines that are not blank.
   *
   * @param onLine takes a line; false where there is no room for it
   */
  ChildOutput(InputStream stream, Limits limits, Predicate<String> onLine, Consumer<Why> onEnd) {
    this.stream = stream;
    this.limits = limits;
    this.onLine = onLine;
    this.onEnd = onEnd;
  }

  void start(String name) {
    Thread.ofPlatform().daemon().name(name).start(() -> onEnd.accept(read()));
  }

  /** The bytes that were read. */
  long total() {
    return total;
  }

  private Why read() {
    byte[] chunk = new byte[CHUNK];
    long all = 0;
    try {
      for (int count = stream.read(chunk); count >= 0; count = stream.read(chunk)) {
        all += count;
        total = all;
        if (all > limits.total()) return Why.TOO_MUCH;
        var fault = take(chunk, count);
        if (fault != null) return fault;
      }
    } catch (IOException e) {
      // The stream was closed, because the program is ended.
    }
    return Why.EXITED;
  }

  /** Takes the lines that are whole. Null, or why reading must stop. */
  private @Nullable Why take(byte[] chunk, int count) {
    int from = 0;
    for (int i = 0; i < count; i++) {
      if (chunk[i] != '\n') continue;
      if (line.size() + i - from > limits.line()) return Why.LINE_TOO_LONG;
      line.write(chunk, from, i - from);
      String text = line.toString(UTF_8);
      line.reset();
      if (!text.isBlank() && !onLine.test(text)) return Why.TOO_MUCH;
      from = i + 1;
    }
    line.write(chunk, from, count - from);
    return line.size() <= limits.line() ? null : Why.LINE_TOO_LONG;
  }
}
