package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.vault.TokenCipher.Place;

class AeadTokenCipherTest {
  private static final String TOKEN = "invented-token-ä";
  private static final Place PLACE = Place.of("tokens", "alice", "github", "grant-1", "https://as.example", "access");

  private static final Destination DESTINATION = Destination.of(Map.of("resource", "https://mcp.example/", "serverUrl",
      "https://mcp.example/mcp"));

  private final AeadTokenCipher cipher = new AeadTokenCipher(Rings.of(Rings.oneKey()));

  @Test
  void opensWhatItSealed() {
    assertThat(cipher.open(cipher.seal(TOKEN, PLACE, DESTINATION), PLACE, DESTINATION)).isEqualTo(TOKEN);
    assertThat(cipher.open(cipher.seal("", PLACE, DESTINATION), PLACE, DESTINATION)).isEmpty();
  }

  @Test
  void hidesTheText() {
    assertThat(new String(cipher.seal(TOKEN, PLACE, DESTINATION), ISO_8859_1)).doesNotContain("invented", "token");
  }

  @Test
  void writesFormatKeyIdRandomBytesAndTaggedText() {
    byte[] sealed = cipher.seal("12345", PLACE, DESTINATION);
    assertThat(sealed).hasSize(1 + 1 + 2 + 32 + 5 + 16).startsWith(2, 2, 'k', '1');
  }

  @Test
  void neverUsesRandomBytesTwice() {
    var drawn = new HashSet<String>();
    IntStream.range(0, 1000)
        .forEach(i -> drawn.add(new String(cipher.seal(TOKEN, PLACE, DESTINATION), ISO_8859_1).substring(4, 36)));
    assertThat(drawn).hasSize(1000);
  }

  static List<Place> otherPlaces() {
    return List.of(Place.of("sessions", "alice", "github", "grant-1", "https://as.example", "access"),
        Place.of("tokens", "mallory", "github", "grant-1", "https://as.example", "access"),
        Place.of("tokens", "alice", "notion", "grant-1", "https://as.example", "access"),
        Place.of("tokens", "alice", "github", "grant-2", "https://as.example", "access"),
        Place.of("tokens", "alice", "github", "grant-1", "https://other.example", "access"),
        Place.of("tokens", "alice", "github", "grant-1", "https://as.example", "refresh"),
        // The same letters with other borders.
        Place.of("tokens", "alic", "egithub", "grant-1", "https://as.example", "access"),
        Place.of("tokensalice", "github", "grant-1", "https://as.example", "access"),
        Place.of("tokens", "alice", "github", "grant-1", "https://as.example", "access", ""),
        Place.of("tokens", "alice", "github", "grant-1", "https://as.exampleaccess"));
  }

  @ParameterizedTest
  @MethodSource("otherPlaces")
  void opensNowhereElse(Place elsewhere) {
    byte[] sealed = cipher.seal(TOKEN, PLACE, DESTINATION);
    assertMisconfigured(() -> cipher.open(sealed, elsewhere, DESTINATION));
  }

  static List<Destination> otherDestinations() {
    return List.of(DESTINATION.with("serverUrl", "https://evil.example/mcp"),
        DESTINATION.with("resource", "https://evil.example/"), DESTINATION.with("query", ""), Destination.none(),
        Destination.of(Map.of("resource", "https://mcp.example/")),
        // Two exchanged values, a value under another name, and the same letters with other borders.
        Destination.of(Map.of("resource", "https://mcp.example/mcp", "serverUrl", "https://mcp.example/")),
        Destination.of(Map.of("resource", "https://mcp.example/", "issuer", "https://mcp.example/mcp")),
        Destination.of(Map.of("resource", "https://mcp.example", "/serverUrl", "https://mcp.example/mcp")));
  }

  @ParameterizedTest
  @MethodSource("otherDestinations")
  void opensForNoOtherDestination(Destination other) {
    byte[] sealed = cipher.seal(TOKEN, PLACE, DESTINATION);
    byte[] empty = cipher.seal("", PLACE, DESTINATION);
    assertMisconfigured(() -> cipher.open(sealed, PLACE, other));
    assertMisconfigured(() -> cipher.open(empty, PLACE, other));
  }

  @Test
  void takesTheAttributesOfADestinationInAnyOrder() {
    byte[] sealed = cipher.seal(TOKEN, PLACE, Destination.none().with("a", "1").with("b", "2").with("absent", null));
    assertThat(cipher.open(sealed, PLACE, Destination.none().with("b", "2").with("a", "1"))).isEqualTo(TOKEN);
  }

  @ParameterizedTest
  @MethodSource("otherPlaces")
  void makesAnotherMacElsewhere(Place elsewhere) {
    assertThat(cipher.mac(TOKEN, elsewhere)).isNotEqualTo(cipher.mac(TOKEN, PLACE));
    assertThat(cipher.matches(cipher.mac(TOKEN, PLACE), TOKEN, elsewhere)).isFalse();
  }

  @Test
  void tellsWhereThePlaceEndsAndTheTextBegins() {
    // The bytes would be equal if the number of parts came after the parts.
    assertThat(cipher.mac("b\0\0\0\2t", Place.of("t", "a"))).isNotEqualTo(cipher.mac("t", Place.of("t", "a", "b")));
    assertThat(PlaceEncoding.of((byte) 1, "k1", Place.of("t", "a"))).containsExactly(1, 0, 0, 0, 2, 'k', '1', 0, 0, 0,
        1, 't', 0, 0, 0, 1, 0, 0, 0, 1, 'a');
    assertThat(PlaceEncoding.of((byte) 1, "k1", Place.of("t", "a"), Destination.none().with("u", "v")))
        .containsExactly(1, 0, 0, 0, 2, 'k', '1', 0, 0, 0, 1, 't', 0, 0, 0, 1, 0, 0, 0, 1, 'a', 0, 0, 0, 1, 0, 0, 0, 1,
            'u', 0, 0, 0, 1, 'v');
  }

  @Test
  void refusesEveryFlippedBit() {
    byte[] sealed = cipher.seal(TOKEN, PLACE, DESTINATION);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] forged = sealed.clone();
      forged[bit / 8] ^= (byte) (1 << bit % 8);
      assertMisconfigured(() -> cipher.open(forged, PLACE, DESTINATION));
    }
  }

  @Test
  void refusesWhatIsCutOff() {
    byte[] sealed = cipher.seal(TOKEN, PLACE, DESTINATION);
    for (int length = 0; length < sealed.length; length++) {
      byte[] cut = Arrays.copyOf(sealed, length);
      assertMisconfigured(() -> cipher.open(cut, PLACE, DESTINATION));
    }
  }

  @Test
  void saysNothingOfTheTextOrThePlaceWhenItFails() {
    byte[] sealed = cipher.seal(TOKEN, Place.of("tokens", "mallory"), DESTINATION);
    assertThatThrownBy(() -> cipher.open(sealed, PLACE, DESTINATION)).isInstanceOfSatisfying(
        Failure.Misconfigured.class,
        failure -> assertThat(failure.safeMessage() + failure.detail()).doesNotContain("alice", "invented"));
  }

  @Test
  void opensWithAnOlderKeyAndSealsWithTheCurrentOne() {
    byte[] old = cipher.seal(TOKEN, PLACE, DESTINATION);
    var rotated = new AeadTokenCipher(Rings.of(Rings.twoKeys("k2")));
    assertThat(rotated.open(old, PLACE, DESTINATION)).isEqualTo(TOKEN);
    assertThat(rotated.matches(cipher.mac(TOKEN, PLACE), TOKEN, PLACE)).isTrue();
    assertThat(rotated.seal(TOKEN, PLACE, DESTINATION)).startsWith(2, 2, 'k', '2');
    assertThat(rotated.mac(TOKEN, PLACE)).startsWith("k2:");
  }

  @Test
  void tellsWhatTheCurrentKeySealed() {
    byte[] old = cipher.seal(TOKEN, PLACE, DESTINATION);
    String oldMac = cipher.mac(TOKEN, PLACE);
    var rotated = new AeadTokenCipher(Rings.of(Rings.twoKeys("k2")));
    assertThat(cipher.isCurrent(old)).isTrue();
    assertThat(cipher.isCurrent(oldMac)).isTrue();
    assertThat(rotated.isCurrent(old)).isFalse();
    assertThat(rotated.isCurrent(oldMac)).isFalse();
    assertThat(rotated.isCurrent(rotated.seal(TOKEN, PLACE, DESTINATION))).isTrue();
    assertThat(rotated.isCurrent(rotated.mac(TOKEN, PLACE))).isTrue();
    assertThat(rotated.isCurrent(new byte[]{2, 20, 'k'})).isFalse();
    assertThat(rotated.isCurrent(new byte[0])).isFalse();
  }

  @Test
  void readsTheRingOnceMoreForAKeyItDoesNotKnow() {
    byte[] newer = new AeadTokenCipher(Rings.of(Rings.twoKeys("k2"))).seal(TOKEN, PLACE, DESTINATION);
    var rings = Rings.of(Rings.oneKey(), Rings.twoKeys("k1"));
    var behind = new AeadTokenCipher(rings);
    assertThat(behind.open(newer, PLACE, DESTINATION)).isEqualTo(TOKEN);
    assertThat(behind.open(newer, PLACE, DESTINATION)).isEqualTo(TOKEN);
    assertThat(rings.reloads()).isEqualTo(1);
  }

  @Test
  void failsAfterOneReloadWhenTheKeyIsGone() {
    byte[] sealed = new AeadTokenCipher(Rings.of(Rings.twoKeys("k2"))).seal(TOKEN, PLACE, DESTINATION);
    var rings = Rings.of(Rings.oneKey(), Rings.oneKey());
    var without = new AeadTokenCipher(rings);
    assertMisconfigured(() -> without.open(sealed, PLACE, DESTINATION));
    assertThat(rings.reloads()).isEqualTo(1);
  }

  @Test
  void matchesNoMacOfAKeyThatIsGone() {
    String mac = new AeadTokenCipher(Rings.of(Rings.twoKeys("k2"))).mac(TOKEN, PLACE);
    assertThat(cipher.matches(mac, TOKEN, PLACE)).isFalse();
  }

  @Test
  void findsASecretAgainByItsMacAndNoOther() {
    String mac = cipher.mac(TOKEN, PLACE);
    assertThat(mac).matches("k1:[A-Za-z0-9_-]{43}").isEqualTo(cipher.mac(TOKEN, PLACE));
    assertThat(cipher.matches(mac, TOKEN, PLACE)).isTrue();
    assertThat(cipher.matches(mac, TOKEN + "x", PLACE)).isFalse();
    assertThat(cipher.matches("", TOKEN, PLACE)).isFalse();
    assertThat(cipher.matches("k1:", TOKEN, PLACE)).isFalse();
  }

  @Test
  void doesNotOpenUnderAnotherKeyOfTheSameName() {
    byte[] sealed = cipher.seal(TOKEN, PLACE, DESTINATION);
    var other = new AeadTokenCipher(Rings.of("{\"current\":\"k1\",\"k1\":\"" + "3".repeat(64) + "\"}"));
    assertMisconfigured(() -> other.open(sealed, PLACE, DESTINATION));
  }

  @Test
  void refusesTheFormatBefore() {
    byte[] sealed = cipher.seal(TOKEN, PLACE, DESTINATION);
    sealed[0] = 1;
    assertThatThrownBy(() -> cipher.open(sealed, PLACE, DESTINATION)).isInstanceOfSatisfying(
        Failure.Misconfigured.class, failure -> assertThat(failure.detail()).contains("unknown format"));
    assertThat(cipher.isCurrent(sealed)).isFalse();
  }

  @Test
  void opensWhatTheFirstReleaseSealed() {
    // Never change these values: a new format must still open them, or every stored grant is lost. Both values were
    // made with another implementation of RFC 5869, GCM and HMAC.
    byte[] sealed = HexFormat.of().parseHex(FIRST_RELEASE);
    assertThat(sealed).startsWith("\2\2k1".getBytes(US_ASCII));
    assertThat(cipher.open(sealed, PLACE, DESTINATION)).isEqualTo(TOKEN);
    assertThat(cipher.mac(TOKEN, PLACE)).isEqualTo(FIRST_RELEASE_MAC);
  }

  private static final String FIRST_RELEASE = "02026b31000102030405060708090a0b0c0d0e0f101112131415161718"
      + "191a1b1c1d1e1f15535f0d3a385d73e32023be223ede2d130275d0c7f0a537a15d03ea06e041d097";
  private static final String FIRST_RELEASE_MAC = "k1:QA8KQjp3czkS1IdUfCDJPMQHQDl-5dF8PXaZldSoY-4";

  private static void assertMisconfigured(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(Failure.Misconfigured.class);
  }
}
