package social.avatarai.mcp.registration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.FailureAssert.assertFails;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.store.SecretVault;

class SigningKeysTest {
  private static final String NAME = "stack/signing-key";

  private final Vault vault = new Vault();

  @Test
  void publishesThePublicHalfOfAP256KeyAndNothingElse() {
    var keys = new SigningKeys(vault, NAME).publicKeys();

    assertThat(keys.path("keys")).hasSize(1);
    var key = keys.path("keys").path(0);
    assertThat(key.fieldNames()).toIterable().containsExactly("kty", "crv", "x", "y", "kid", "use", "alg");
    assertThat(key.path("kty").textValue()).isEqualTo("EC");
    assertThat(key.path("crv").textValue()).isEqualTo("P-256");
    assertThat(key.path("alg").textValue()).isEqualTo("ES256");
    assertThat(keys.toString()).doesNotContain(stored().path("d").textValue());
  }

  @Test
  void namesAKeyByItsThumbprint() {
    var key = new SigningKeys(vault, NAME).publicKeys().path("keys").path(0);

    // RFC 7638 §3
    assertThat(key.path("kid").textValue())
        .isEqualTo(Digest.sha256Base64Url("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\""
            + key.path("x").textValue() + "\",\"y\":\"" + key.path("y").textValue() + "\"}"));
  }

  @Test
  void writesEveryNumberInItsFullLength() {
    // One coordinate in 256 begins with a zero byte.
    for (int i = 0; i < 300; i++) {
      new SigningKeys(vault, "key-" + i).publicKeys();
      var key = stored("key-" + i);
      for (var number : List.of("x", "y", "d"))
        assertThat(key.path(number).textValue()).hasSize(43);
    }
  }

  @Test
  void keepsTheKeyItMade() {
    var first = new SigningKeys(vault, NAME).publicKeys();

    assertThat(new SigningKeys(vault, NAME).publicKeys()).isEqualTo(first);
  }

  @Test
  void readsTheVaultOnce() {
    var keys = new SigningKeys(vault, NAME);

    assertThat(keys.publicKeys()).isEqualTo(keys.publicKeys());
    assertThat(vault.reads).hasValue(1);
  }

  @Test
  void takesTheKeyOfWhoeverWasFaster() {
    var faster = new SigningKeys(vault, NAME);
    var slower = new SigningKeys(new Vault(vault) {
      @Override
      public boolean create(String name, String value) {
        faster.publicKeys();
        return super.create(name, value);
      }
    }, NAME);

    assertThat(slower.publicKeys()).isEqualTo(faster.publicKeys());
    assertThat(vault.created).hasValue(1);
  }

  @Test
  void saysSoWhereWhatIsStoredIsNoKeySet() {
    vault.create(NAME, "not JSON");

    assertFails(Failure.Misconfigured.class, ErrorCode.MISCONFIGURED,
        () -> new SigningKeys(vault, NAME).publicKeys());
  }

  private JsonNode stored() {
    return stored(NAME);
  }

  private JsonNode stored(String name) {
    return Json.object(vault.read(name).orElseThrow().getBytes(UTF_8)).orElseThrow().path("keys").path(0);
  }

  private static class Vault implements SecretVault {
    private final Map<String, String> secrets;
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger created = new AtomicInteger();

    Vault() {
      secrets = new ConcurrentHashMap<>();
    }

    /** Another door to the same secrets. */
    Vault(Vault same) {
      secrets = same.secrets;
    }

    @Override
    public Optional<String> read(String name) {
      reads.incrementAndGet();
      return Optional.ofNullable(secrets.get(name));
    }

    @Override
    public boolean create(String name, String value) {
      boolean isNew = secrets.putIfAbsent(name, value) == null;
      if (isNew) created.incrementAndGet();
      return isNew;
    }

    @Override
    public void replace(String name, String value) {
      secrets.put(name, value);
    }

    @Override
    public void delete(String name) {
      secrets.remove(name);
    }
  }
}
