package social.avatarai.mcp.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import social.avatarai.mcp.Failure;

/**
 * The format of the data below {@code DATA_DIR}: a number in its own file. Data of another format cannot be opened. It
 * is refused before anything is opened, and left unchanged.
 */
final class DataFormat {
  /** Format 1 had no file. */
  private static final String CURRENT = "2";
  private static final String FILE = "format";

  private DataFormat() {}

  /** Writes the format into an empty directory. Data of another format fails with {@code Failure.Misconfigured}. */
  static void require(Path directory) throws IOException {
    var file = directory.resolve(FILE);
    if (Files.exists(file)) {
      if (Files.readString(file).strip().equals(CURRENT)) return;
      throw otherFormat(directory);
    }
    if (Stream.of("dynamodb", "vault").anyMatch(data -> Files.exists(directory.resolve(data)))) {
      throw otherFormat(directory);
    }
    Files.createDirectories(directory);
    Files.writeString(file, CURRENT + "\n");
  }

  private static Failure.Misconfigured otherFormat(Path directory) {
    return new Failure.Misconfigured("DATA_DIR holds data of another release, which this release cannot read:"
        + " name an empty directory, or delete that one and connect the servers again.", directory.toString());
  }
}
