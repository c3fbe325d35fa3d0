package social.avatarai.mcp.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The folder that {@code DATA_DIR} names; it is created if necessary. It belongs to this process until it is closed,
 * because two processes would overwrite each other's secrets.
 *
 * @param folder the folder of the data
 * @param channel holds the lock
 */
record DataDirectory(Path folder, FileChannel channel) implements AutoCloseable {

  /** Takes the folder. If that fails, a {@link StartFault} says why. */
  static DataDirectory claim(Path folder) {
    try {
      var lockFile = Files.createDirectories(folder).resolve("lock");
      var channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      @Nullable
      FileLock lock = channel.tryLock();
      if (lock != null) return new DataDirectory(folder, channel);
      channel.close();
    } catch (IOException e) {
      throw unusable();
    }
    throw new StartFault("DATA_DIR is in use by another local/run: stop that one, or set DATA_DIR to another folder.");
  }

  static StartFault unusable() {
    return new StartFault("DATA_DIR cannot be used: set it to a folder that this user may write to.");
  }

  /** The folder contains data that no local run wrote, or only a part of the data of a run. */
  static StartFault damaged() {
    return new StartFault(
        "What is kept in DATA_DIR cannot be read: restore the whole folder, or set DATA_DIR to another.");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
