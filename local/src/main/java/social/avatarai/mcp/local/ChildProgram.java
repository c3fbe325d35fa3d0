package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.resource.StdioProgram;

/** A program of the operator that runs for one call. */
final class ChildProgram implements StdioProgram {
  /** In bytes, of standard output. */
  static final long MAX_OUTPUT = 16L * 1024 * 1024;
  /** Lines of standard output that nothing has read yet. A line takes more memory than its bytes. */
  static final int MAX_WAITING = 10_000;
  /** In bytes, of standard error. */
  static final long MAX_ERRORS = 4L * 1024 * 1024;
  /** In bytes: a longer line of standard error is not kept for the log. */
  private static final int MAX_ERROR_LINE = 64 * 1024;
  /** In characters. Shorter values also occur in ordinary text, so no line is left out for them. */
  private static final int MIN_SECRET = 4;
  /** What a shell ends with that could not become the program (POSIX, exit status for commands). */
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;

  private final StdioDefinition definition;
  private final ChildProcess child;
  private final BiConsumer<ChildProgram, Map<String, Object>> onEnd;
  private final BlockingQueue<Output> outputs = new LinkedBlockingQueue<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ChildOutput output;
  private final ChildOutput errors;
  private volatile String lastError = "";
  private volatile boolean hasSpoken;
  private @Nullable Future<?> timer;

  ChildProgram(StdioDefinition definition, ChildProcess child, BiConsumer<ChildProgram, Map<String, Object>> onEnd) {
    this.definition = definition;
    this.child = child;
    this.onEnd = onEnd;
    this.output = new ChildOutput(child.process().getInputStream(), new ChildOutput.Limits(LONGEST_LINE, MAX_OUTPUT),
        this::spoken, why -> over(why == Why.EXITED ? whyEnded() : why));
    this.errors = new ChildOutput(child.process().getErrorStream(),
        new ChildOutput.Limits((int) MAX_ERRORS, MAX_ERRORS),
        this::noteError, this::errorsOver);
    output.start("stdio-output");
    errors.start("stdio-errors");
  }

  /** Has this end the program, unless the program is closed before. */
  void endAfter(Future<?> timer) {
    this.timer = timer;
  }

  private boolean spoken(String line) {
    hasSpoken = true;
    return outputs.size() < MAX_WAITING && outputs.add(new Output.Line(line));
  }

  private boolean noteError(String line) {
    if (line.length() <= MAX_ERROR_LINE) lastError = line;
    return true;
  }

  private void errorsOver(Why why) {
    if (why != Why.EXITED) over(Why.TOO_MUCH);
  }

  private void over(Why why) {
    outputs.add(new Output.Ended(why));
    if (why == Why.LINE_TOO_LONG || why == Why.TOO_MUCH) child.kill();
  }

  private Why whyEnded() {
    if (hasSpoken || !child.hasEnded()) return Why.EXITED;
    int exit = child.process().exitValue();
    return exit == NOT_EXECUTABLE || exit == NOT_FOUND ? Why.NOT_STARTED : Why.EXITED;
  }

  @Override
  public void write(String line) {
    try {
      var input = child.process().getOutputStream();
      input.write((line + "\n").getBytes(UTF_8));
      input.flush();
    } catch (IOException e) {
      // The program no longer reads. What it has written says why.
    }
  }

  @Override
  public Output read(Duration most) {
    try {
      var next = outputs.poll(most.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) return new Output.Silence();
      if (next instanceof Output.Ended) outputs.add(next);
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Output.Silence();
    }
  }

  void kill() {
    child.kill();
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) return;
    if (timer != null) timer.cancel(false);
    try {
      // MCP 2026-07-28, basic/transports, stdio: a program should end when its input is closed.
      child.process().getOutputStream().close();
    } catch (IOException e) {
      // It has ended already.
    }
    child.end();
    onEnd.accept(this, report());
  }

  private Map<String, Object> report() {
    var report = new LinkedHashMap<String, Object>();
    report.put("server", definition.name());
    report.put("output_bytes", output.total());
    report.put("error_bytes", errors.total());
    if (child.hasEnded()) report.put("exit", child.process().exitValue());
    shownError().ifPresent(line -> report.put("detail", line));
    return report;
  }

  /** The last line of standard error, where the operator wants it. A line with the value of a variable is left out. */
  private Optional<String> shownError() {
    boolean isSecret = definition.environment().values().stream()
        .anyMatch(value -> value.length() >= MIN_SECRET && lastError.contains(value));
    return Optional.of(lastError).filter(line -> definition.logsErrors() && !isSecret && !line.isEmpty());
  }
}
