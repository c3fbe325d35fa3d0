package social.avatarai.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.Serializable;
import java.lang.reflect.Constructor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks every class of secret, including future ones: no secret is revealed by accident. */
class SecretTest {
  private static final String VALUE = "a".repeat(64) + ".opensesame";

  static Stream<Class<?>> kinds() {
    return Stream.of(Secret.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void doesNotPrint(Class<?> kind) throws Exception {
    var secret = secret(kind);

    assertThat(secret.reveal()).isEqualTo(VALUE);
    assertThat(secret.toString()).isEqualTo(kind.getSimpleName() + "[redacted]");
    assertThat("%s".formatted(List.of(secret)) + Map.of(secret, secret)).doesNotContain("opensesame");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void givesAJsonMapperNothing(Class<?> kind) throws Exception {
    var mapper = new ObjectMapper().configure(SerializationFeature.FAIL_ON_EMPTY_BEANS, false);

    assertThat(mapper.writeValueAsString(secret(kind))).isEqualTo("{}");
    assertThat(mapper.writeValueAsString(Map.of("key", secret(kind)))).isEqualTo("{\"key\":{}}");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void isNoRecordAndIsNotSerializable(Class<?> kind) {
    assertThat(kind.isRecord()).isFalse();
    assertThat(Serializable.class.isAssignableFrom(kind)).isFalse();
    assertThat(kind).isFinal();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void equalsOnlyTheSameSecretOfTheSameKind(Class<?> kind) throws Exception {
    var secret = secret(kind);

    assertThat(secret).isEqualTo(secret(kind)).hasSameHashCodeAs(secret(kind));
    for (var other : kinds().filter(k -> k != kind).toList())
      assertThat(secret).isNotEqualTo(secret(other));
  }

  private static Secret secret(Class<?> kind) throws ReflectiveOperationException {
    Constructor<?> constructor = kind.getDeclaredConstructor(String.class);
    constructor.setAccessible(true);
    return (Secret) constructor.newInstance(VALUE);
  }
}
