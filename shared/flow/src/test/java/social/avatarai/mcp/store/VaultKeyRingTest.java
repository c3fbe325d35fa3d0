package social.avatarai.mcp.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Failure;

class VaultKeyRingTest {
  private final List<String> read = new ArrayList<>();
  private Optional<String> value = Optional.of(Rings.oneKey());
  private final VaultKeyRing ring = new VaultKeyRing(new OneSecret(), "stack/key-ring");

  @Test
  void isReadOnceAndAgainOnDemand() {
    assertThat(ring.current()).isSameAs(ring.current());
    assertThat(read).containsExactly("stack/key-ring");

    value = Optional.of(Rings.twoKeys("k2"));
    assertThat(ring.current().currentId()).isEqualTo("k1");
    assertThat(ring.reload().currentId()).isEqualTo("k2");
    assertThat(ring.current().currentId()).isEqualTo("k2");
    assertThat(read).hasSize(2);
  }

  @Test
  void keepsTheRingItHasWhenTheNewOneIsNotUsable() {
    ring.current();
    value = Optional.of("{}");
    assertThatThrownBy(ring::reload).isInstanceOf(Failure.Misconfigured.class);
    assertThat(ring.current().currentId()).isEqualTo("k1");
  }

  @Test
  void failsWithoutASecretAndTriesAgain() {
    value = Optional.empty();
    assertThatThrownBy(ring::current).isInstanceOf(Failure.Misconfigured.class);
    value = Optional.of(Rings.oneKey());
    assertThat(ring.current().currentId()).isEqualTo("k1");
  }

  private final class OneSecret implements SecretVault {
    @Override
    public Optional<String> read(String name) {
      read.add(name);
      return value;
    }

    @Override
    public boolean create(String name, String newValue) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void replace(String name, String newValue) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete(String name) {
      throw new UnsupportedOperationException();
    }
  }
}
