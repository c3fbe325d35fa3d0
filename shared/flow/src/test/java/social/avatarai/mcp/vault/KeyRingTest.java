package social.avatarai.mcp.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import social.avatarai.mcp.Failure;

class KeyRingTest {

  @Test
  void readsTheCurrentKeyAndTheOlderOnes() {
    var ring = KeyRing.parse(Rings.twoKeys("k2"));
    assertThat(ring.currentId()).isEqualTo("k2");
    assertThat(sealingKey(ring.key("k1").orElseThrow())).isEqualTo(sealingKey(RingKey.of(Rings.ONE)));
    assertThat(sealingKey(ring.key("k2").orElseThrow())).isEqualTo(sealingKey(RingKey.of(Rings.TWO)))
        .isEqualTo(sealingKey(ring.currentKey())).isNotEqualTo(sealingKey(RingKey.of(Rings.ONE)));
    assertThat(ring.key("k3")).isEmpty();
  }

  private static byte[] sealingKey(RingKey key) {
    return key.sealingKey(new byte[32]).getEncoded();
  }

  @Test
  void readsRetiredKeysLikeAnyOthersAndPassesOverTheNotes() {
    var ring = KeyRing.parse("{\"current\":\"k2\",\"k1\":\"" + Rings.ONE + "\",\"k2\":\"" + Rings.TWO
        + "\",\"retired\":[\"k1\"],\"dates\":{\"k2\":{\"added\":\"2026-01-02T03:04:05Z\"}}}");
    assertThat(ring.currentId()).isEqualTo("k2");
    assertThat(ring.key("k1")).isPresent();
    assertThat(ring.key("retired")).isEmpty();
    assertThat(ring.key("dates")).isEmpty();
  }

  @Test
  void readsRingsWhoseKeysHaveTheNamesOfTheNotes() {
    var ring = KeyRing.parse(Rings.twoKeys("k2").replace("\"k1\"", "\"retired\"").replace("\"k2\"", "\"dates\""));
    assertThat(ring.currentId()).isEqualTo("dates");
    assertThat(ring.key("retired")).isPresent();
  }

  @Test
  void makesARingOfItsOwnThatItCanRead() {
    assertThat(KeyRing.parse(KeyRing.fresh()).currentId()).isEqualTo("k1");
    assertThat(KeyRing.fresh()).isNotEqualTo(KeyRing.fresh());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "{\"k1\":\"0123456789012345678901234567890123456789\"}",
      "{\"current\":\"k2\",\"k1\":\"0123456789012345678901234567890123456789\"}",
      "{\"current\":\"k1\",\"k1\":\"0123456789012345678901234567890\"}",
      "{\"current\":\"k1\",\"k1\":\"0123456789012345678901234567890123456789\",\"k0\":\"short\"}",
      "{\"current\":\"k1\",\"k1\":12345678901234567890123456789012345678901234567890}",
      "{\"current\":\"k1\",\"k1\":\"0123456789012345678901234567890123456789\",\"k1\":\"other\"}",
      "{\"current\":\"k1\",\"k1\":\"0123456789012345678901234567890123456789\",\"retired\":[\"k1\"]}",
      "{\"current\":\"a:b\",\"a:b\":\"0123456789012345678901234567890123456789\"}",
      "{\"current\":\"current\",\"k1\":\"0123456789012345678901234567890123456789\"}"})
  void refusesToExistWithoutUsableKeys(String json) {
    assertThatThrownBy(() -> KeyRing.parse(json)).isInstanceOfSatisfying(Failure.Misconfigured.class,
        failure -> assertThat(failure.safeMessage() + failure.detail()).doesNotContain("0123", "short"));
  }

  @Test
  void showsNoKey() throws Exception {
    var ring = KeyRing.parse(Rings.oneKey());
    assertThat(ring.toString()).isEqualTo("KeyRing[redacted]");
    assertThat(ring.currentKey().toString()).isEqualTo("RingKey[redacted]");
    var json = new ObjectMapper()
        .configure(SerializationFeature.FAIL_ON_EMPTY_BEANS, false);
    assertThat(json.writeValueAsString(ring)).isEqualTo("{}");
  }
}
