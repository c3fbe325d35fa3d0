package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.avatarai.mcp.testkit.store.SecretVaultContract;
import social.avatarai.mcp.vault.SecretVault;

class FileVaultTest extends SecretVaultContract {
  @TempDir
  private Path directory;
  private SecretVault vault;

  @BeforeEach
  void open() throws IOException {
    vault = FileVault.open(directory);
  }

  @Override
  protected SecretVault vault() {
    return vault;
  }

  @Test
  void whatWasDeletedStaysDeletedWhenTheFileIsOpenedAgain() throws IOException {
    vault.create("kept", "value");
    vault.create("deleted", "value");
    vault.delete("deleted");
    var again = FileVault.open(directory);
    assertThat(again.read("kept")).contains("value");
    assertThat(again.read("deleted")).isEmpty();
  }
}
