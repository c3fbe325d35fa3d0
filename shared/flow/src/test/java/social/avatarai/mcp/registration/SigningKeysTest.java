package social.avatarai.mcp.registration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.FailureAssert.assertFails;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.MovableClock;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.vault.SecretVault;

class SigningKeysTest {
  private static final String NAME = "stack/signing-key";

  private static final Journal JOURNAL = new Journal(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8),
      Clock.systemUTC());

  private final MovableClock clock = new MovableClock();
  private final Vault vault = new Vault();

  private SigningKeys keys() {
    return new SigningKeys(vault, NAME, clock, JOURNAL);
  }

  @Test
  void publishesThePublicHalfOfAP256KeyAndNothingElse() {
    var keys = keys().publicKeys();

    assertThat(keys.path("keys")).hasSize(1);
    var key = keys.path("keys").path(0);
    assertThat(key.fieldNames()).toIterable().containsExactly("kty", "crv", "x", "y", "kid", "use", "alg");
    assertThat(key.path("kty").textValue()).isEqualTo("EC");
    assertThat(key.path("crv").textValue()).isEqualTo("P-256");
    assertThat(key.path("alg").textValue()).isEqualTo("ES256");
    assertThat(keys.toString()).doesNotContain(stored().path("d").textValue());
  }

  /** A member that we do not know may be private: only known public members leave. */
  @ParameterizedTest
  @CsvSource({"EC, crv kid kty use alg x y", "RSA, e kid kty use alg n", "OKP, crv kid kty use alg x",
      "oct, kid kty use alg", "later, kid kty use alg"})
  void publishesNoMemberOfAKeyThatIsNotKnownToBePublic(String type, String published) {
    var key = Json.newObject().put("kty", type);
    for (var name : List.of("kid", "use", "alg", "crv", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi", "k", "oth",
        "priv", "seed"))
      key.put(name, "value of " + name);
    var set = Json.newObject().put("current", "value of current");
    set.putArray("keys").add(key);
    vault.create(NAME, set.toString());

    var keys = keys().publicKeys();

    assertThat(keys.fieldNames()).toIterable().containsExactly("keys");
    assertThat(keys.path("keys").path(0).fieldNames()).toIterable()
        .containsExactlyInAnyOrder(published.split(" "));
  }

  @Test
  void namesAKeyByItsThumbprint() {
    var key = keys().publicKeys().path("keys").path(0);

    // RFC 7638 §3
    assertThat(key.path("kid").textValue())
        .isEqualTo(Digest.sha256Base64Url("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\""
            + key.path("x").textValue() + "\",\"y\":\"" + key.path("y").textValue() + "\"}"));
  }

  @Test
  void writesEveryNumberInItsFullLength() {
    // One coordinate in 256 begins with a zero byte.
    for (int i = 0; i < 300; i++) {
      new SigningKeys(vault, "key-" + i, clock, JOURNAL).publicKeys();
      var key = stored("key-" + i);
      for (var number : List.of("x", "y", "d"))
        assertThat(key.path(number).textValue()).hasSize(43);
    }
  }

  @Test
  void keepsTheKeyItMade() {
    var first = keys().publicKeys();

    assertThat(keys().publicKeys()).isEqualTo(first);
  }

  @Test
  void readsTheVaultOnceInFiveMinutes() {
    var keys = keys();

    assertThat(keys.publicKeys()).isEqualTo(keys.publicKeys());
    assertThat(vault.reads).hasValue(1);
  }

  @Test
  void publishesANewKeyWithinFiveMinutesAndNeverWhichOneSigns() {
    var keys = keys();
    var first = keys.publicKeys().path("keys").path(0);
    var set = Json.newObject().put("current", first.path("kid").textValue());
    var added = SigningKeys.newPrivateKey();
    set.putArray("keys").add(added).add(stored());
    vault.replace(NAME, set.toString());

    clock.advance(Duration.ofMinutes(5));
    var published = keys.publicKeys();
    assertThat(published.path("keys")).extracting(key -> key.path("kid").textValue())
        .containsExactly(added.path("kid").textValue(), first.path("kid").textValue());
    assertThat(published.fieldNames()).toIterable().containsExactly("keys");
    assertThat(published.toString()).doesNotContain(added.path("d").textValue(), stored().path("d").textValue());
  }

  @Test
  void goesOnPublishingWhatItKnowsWhenTheSetCannotBeReadAgain() {
    var keys = keys();
    var first = keys.publicKeys();
    vault.replace(NAME, "{\"keys\":[\"no key\"]}");
    clock.advance(Duration.ofMinutes(5));
    assertThat(keys.publicKeys()).isEqualTo(first);
  }

  @Test
  void usesTheKeyOfTheFasterProcess() {
    var faster = keys();
    var slower = new SigningKeys(new Vault(vault) {
      @Override
      public boolean create(String name, String value) {
        faster.publicKeys();
        return super.create(name, value);
      }
    }, NAME, clock, JOURNAL);

    assertThat(slower.publicKeys()).isEqualTo(faster.publicKeys());
    assertThat(vault.created).hasValue(1);
  }

  @Test
  void saysSoWhereWhatIsStoredIsNoKeySet() {
    vault.create(NAME, "not JSON");

    assertFails(Failure.Misconfigured.class, ErrorCode.MISCONFIGURED,
        () -> keys().publicKeys());
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

    /** Another client of the same secrets. */
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
