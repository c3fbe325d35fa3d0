package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.KeyRingSource;
import social.avatarai.mcp.vault.SecretVault;
import social.avatarai.mcp.vault.TokenCipher.Place;

/**
 * Secrets in one sealed file below {@code DATA_DIR}. The key is in its own file beside it, which only the owner can
 * read. On a laptop this is enough: a data file that is copied or printed shows nothing.
 */
final class FileVault implements SecretVault {
  private static final Place PLACE = Place.of("local-vault", "secrets");

  private final Path file;
  private final AeadTokenCipher cipher;
  private final ObjectNode secrets;

  private FileVault(Path file, AeadTokenCipher cipher, ObjectNode secrets) {
    this.file = file;
    this.cipher = cipher;
    this.secrets = secrets;
  }

  static FileVault open(Path directory) throws IOException {
    Files.createDirectories(directory);
    var cipher = cipher(directory.resolve("vault.key"));
    var file = directory.resolve("vault.sealed");
    var secrets = Files.exists(file)
        ? Json.object(cipher.open(Files.readAllBytes(file), PLACE, Destination.none()).getBytes(UTF_8))
            .orElseThrow(() -> new IOException("the vault's content is damaged"))
        : Json.newObject();
    return new FileVault(file, cipher, secrets);
  }

  @Override
  public synchronized Optional<String> read(String name) {
    return Json.text(secrets, name);
  }

  @Override
  public synchronized boolean create(String name, String value) {
    if (secrets.has(name)) return false;
    secrets.put(name, value);
    write();
    return true;
  }

  @Override
  public synchronized void replace(String name, String value) {
    if (!secrets.has(name)) {
      throw new Failure.Misconfigured("A secret cannot be kept.", "secret " + name + " is not there");
    }
    secrets.put(name, value);
    write();
  }

  @Override
  public synchronized void delete(String name) {
    if (secrets.remove(name) != null) write();
  }

  private void write() {
    try {
      // The new file is written beside the old one and then moved over it. A run that ends in between leaves the old
      // file whole.
      var next = file.resolveSibling("vault.next");
      Files.write(next, cipher.seal(secrets.toString(), PLACE, Destination.none()));
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static AeadTokenCipher cipher(Path keyFile) throws IOException {
    if (!Files.exists(keyFile)) {
      Files.createFile(keyFile, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(keyFile, KeyRing.fresh());
    }
    return new AeadTokenCipher(new KeyRingSource.Fixed(KeyRing.parse(Files.readString(keyFile))));
  }
}
