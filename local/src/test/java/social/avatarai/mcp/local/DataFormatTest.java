package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.avatarai.mcp.Failure;

class DataFormatTest {
  @TempDir
  private Path folder;

  private void assertRefused() {
    assertThatThrownBy(() -> DataFormat.require(folder)).isInstanceOfSatisfying(Failure.Misconfigured.class,
        failure -> assertThat(failure.safeMessage()).startsWith("DATA_DIR ").endsWith(".")
            .doesNotContain(folder.toString()));
  }

  @Test
  void emptyDirectoryIsMarkedAndTakenAgain() throws Exception {
    var directory = folder.resolve("new");
    DataFormat.require(directory);
    assertThat(directory.resolve("format")).hasContent("2");
    Files.createDirectories(directory.resolve("dynamodb"));
    DataFormat.require(directory);
  }

  @Test
  void dataOfBeforeThereWasAFormatIsRefusedAndLeftAsItIs() throws Exception {
    Files.createDirectories(folder.resolve("dynamodb"));
    assertRefused();
    assertThat(folder.resolve("format")).doesNotExist();
    assertThat(folder.resolve("dynamodb")).exists();
  }

  @Test
  void dataOfAnotherFormatIsRefused() throws Exception {
    Files.writeString(folder.resolve("format"), "3\n");
    assertRefused();
  }
}
