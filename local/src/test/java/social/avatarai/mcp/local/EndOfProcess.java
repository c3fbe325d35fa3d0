package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for a process that was killed: the system ends the process a moment later. On Linux only. */
final class EndOfProcess {
  private static final Duration MAX = Duration.ofMinutes(1);

  private EndOfProcess() {}

  static void await(String pid) {
    long giveUp = System.nanoTime() + MAX.toNanos();
    while (isRunning(pid)) {
      assertThat(System.nanoTime()).as("process %s has not ended", pid).isLessThan(giveUp);
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }

  /** A process whose parent has ended may wait for the system to note its end. */
  private static boolean isRunning(String pid) {
    try {
      return !Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
    } catch (IOException e) {
      return false;
    }
  }
}
