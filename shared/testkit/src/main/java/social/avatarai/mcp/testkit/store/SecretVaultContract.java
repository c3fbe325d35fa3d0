package social.avatarai.mcp.testkit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.vault.SecretVault;

/** The contract of {@link SecretVault}. */
public abstract class SecretVaultContract {
  private final String name = "contract/" + Unguessable.text() + "/_+=.@-";

  protected abstract SecretVault vault();

  @Test
  void readsNothingUnderAnUnknownName() {
    assertThat(vault().read(name)).isEmpty();
  }

  @Test
  void readsWhatWasCreated() {
    assertThat(vault().create(name, "{\"ä\":\"first\"}")).isTrue();
    assertThat(vault().read(name)).contains("{\"ä\":\"first\"}");
  }

  @Test
  void createsNothingOverAnotherSecret() {
    vault().create(name, "first");
    assertThat(vault().create(name, "second")).isFalse();
    assertThat(vault().read(name)).contains("first");
  }

  @Test
  void readsTheLastValue() {
    vault().create(name, "first");
    vault().replace(name, "second");
    vault().replace(name, "third");
    assertThat(vault().read(name)).contains("third");
  }

  @Test
  void replacesNoSecretThatIsNotThere() {
    assertThatThrownBy(() -> vault().replace(name, "value")).isInstanceOf(Failure.Misconfigured.class);
    assertThat(vault().read(name)).isEmpty();
  }

  @Test
  void readsNothingOfADeletedSecretAndDeletesItAgain() {
    vault().delete(name);
    vault().create(name, "value");
    vault().delete(name);
    vault().delete(name);
    assertThat(vault().read(name)).isEmpty();
    assertThatThrownBy(() -> vault().replace(name, "other")).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void makesADeletedSecretAgain() {
    vault().create(name, "first");
    vault().delete(name);
    assertThat(vault().create(name, "second")).isTrue();
    assertThat(vault().read(name)).contains("second");
  }

  @Test
  void deletesNoOtherSecret() {
    String other = name + "/other";
    vault().create(name, "value");
    vault().create(other, "other");
    vault().delete(name);
    assertThat(vault().read(other)).contains("other");
  }

  @Test
  void holdsALongText() {
    String text = "x".repeat(65_536);
    vault().create(name, text);
    assertThat(vault().read(name)).contains(text);
  }

  @Test
  void createsForExactlyOneOfManyAtOnce() throws Exception {
    assertThat(Race.of(runner -> () -> vault().create(name, "value-" + runner))).containsOnlyOnce(true);
  }
}
