package social.avatarai.mcp.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A process of a program, and all that it has started.
 *
 * <p>On POSIX systems a shell sets the limits before it becomes the program: no core dump, and so much memory for data.
 * Linux counts all writable memory of a process as data; other systems may count less. Where {@code setsid} is there,
 * the program leads a group of processes, which ends as a whole. A process that leaves the group and its parent is not
 * found.
 */
final class ChildProcess {
  /** The time for a program to end by itself after its input is closed, and again after the signal to end. */
  private static final Duration GRACE = Duration.ofMillis(500);
  private static final Path SHELL = Path.of("/bin/sh");
  private static final Path NEW_GROUP = Path.of("/usr/bin/setsid");
  private static final String LIMITED = "unset PWD OLDPWD SHLVL; ulimit -c 0; ulimit -d \"$1\" 2>/dev/null; shift; "
      + "exec \"$@\"";
  private static final String END_GROUP = "kill -KILL \"-$1\" 2>/dev/null";
  private static final int KILOBYTES = 1024;

  private final Process process;
  private final boolean hasGroup;

  private ChildProcess(Process process, boolean hasGroup) {
    this.process = process;
    this.hasGroup = hasGroup;
  }

  static ChildProcess start(StdioDefinition definition) throws IOException {
    boolean isPosix = Files.isExecutable(SHELL);
    boolean hasGroup = isPosix && Files.isExecutable(NEW_GROUP);
    var command = new ArrayList<String>();
    if (hasGroup) command.add(NEW_GROUP.toString());
    if (isPosix) {
      command.addAll(List.of(SHELL.toString(), "-c", LIMITED, "stdio",
          Long.toString((long) definition.memoryMegabytes() * KILOBYTES)));
    }
    command.addAll(definition.command());
    var builder = new ProcessBuilder(command).directory(definition.folder().toFile());
    builder.environment().clear();
    builder.environment().putAll(definition.environment());
    return new ChildProcess(builder.start(), hasGroup);
  }

  Process process() {
    return process;
  }

  /** Waits for the program to end by itself, asks it to end, and ends it. */
  void end() {
    var known = process.descendants().toList();
    if (!hasEnded()) {
      Stream.concat(process.descendants(), Stream.of(process.toHandle())).forEach(ProcessHandle::destroy);
      boolean _ = hasEnded();
    }
    kill(known);
  }

  /** Ends the program at once. */
  void kill() {
    kill(process.descendants().toList());
  }

  private void kill(List<ProcessHandle> known) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    known.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    if (hasGroup) killGroup();
  }

  /** A process whose parent has ended is in the group still. */
  private void killGroup() {
    try {
      boolean _ = new ProcessBuilder(SHELL.toString(), "-c", END_GROUP, "stdio", Long.toString(process.pid()))
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start()
          .waitFor(GRACE);
    } catch (IOException e) {
      // What was found by its parent has ended.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the program ends within a short time. */
  boolean hasEnded() {
    try {
      return process.waitFor(GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
