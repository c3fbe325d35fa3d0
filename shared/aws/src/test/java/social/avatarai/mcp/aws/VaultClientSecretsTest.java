package social.avatarai.mcp.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static social.avatarai.mcp.testkit.store.Samples.ISSUER;
import static social.avatarai.mcp.testkit.store.Samples.NOW;

import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ClientSecret;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.registration.ClientSecrets;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.VaultClientSecrets;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.testkit.store.ClientSecretsContract;
import social.avatarai.mcp.testkit.store.Samples;
import social.avatarai.mcp.vault.SecretVault;

class VaultClientSecretsTest extends ClientSecretsContract {
  private static final ClientId CLIENT = new ClientId("client-1");
  private static final ClientSecret SECRET = new ClientSecret("invented-secret");

  private final MemoryVault vault = new MemoryVault();
  private Instant now = NOW;
  private final Clock clock = moving(() -> now);
  private final VaultClientSecrets secrets = process(vault);

  private static Clock moving(InstantSource source) {
    return source.withZone(ZoneOffset.UTC);
  }

  /** The client secrets as another process sees them. */
  private VaultClientSecrets process(SecretVault seen) {
    return new VaultClientSecrets(seen, "stack", clock);
  }

  @Override
  protected ClientSecrets clientSecrets() {
    return secrets;
  }

  private int callsOf(Runnable step) {
    int before = vault.calls();
    step.run();
    return vault.calls() - before;
  }

  @Test
  void keepsOneSecretForEachOwnerAndIssuer() {
    var user = Owner.of(Samples.user());
    secrets.keep(user, ISSUER, CLIENT, SECRET);
    secrets.keep(user, ISSUER, new ClientId("client-2"), SECRET);
    assertThat(vault.contents()).containsExactly(Map.entry(
        "stack/client/" + Digest.sha256Hex(user.key()) + "/" + Digest.sha256Hex(ISSUER.value()),
        "{\"client-1\":\"invented-secret\",\"client-2\":\"invented-secret\"}"));
  }

  @Test
  void asksOnceForTheDeploymentsAndEachTimeForAUsers() {
    var user = Owner.of(Samples.user());
    for (Owner owner : new Owner[]{Owner.deployment(), user})
      process(vault).keep(owner, ISSUER, CLIENT, SECRET);
    assertThat(callsOf(() -> secrets.find(Owner.deployment(), ISSUER, CLIENT))).isEqualTo(1);
    assertThat(callsOf(() -> secrets.find(Owner.deployment(), ISSUER, CLIENT))).isZero();
    assertThat(callsOf(() -> secrets.find(user, ISSUER, CLIENT))).isEqualTo(1);
    assertThat(callsOf(() -> secrets.find(user, ISSUER, CLIENT))).isEqualTo(1);
  }

  @Test
  void remembersWhatItKept() {
    secrets.keep(Owner.deployment(), ISSUER, CLIENT, SECRET);
    assertThat(callsOf(() -> secrets.find(Owner.deployment(), ISSUER, CLIENT))).isZero();
  }

  @Test
  void findsAtOnceWhatAnotherProcessRegistered() {
    secrets.keep(Owner.deployment(), ISSUER, CLIENT, SECRET);
    process(vault).keep(Owner.deployment(), ISSUER, new ClientId("client-2"), new ClientSecret("other"));
    assertThat(secrets.find(Owner.deployment(), ISSUER, new ClientId("client-2"))).contains(new ClientSecret("other"));
  }

  @Test
  void forgetsAReplacedSecretInTime() {
    secrets.keep(Owner.deployment(), ISSUER, CLIENT, SECRET);
    process(vault).keep(Owner.deployment(), ISSUER, CLIENT, new ClientSecret("replaced"));
    now = NOW.plus(VaultClientSecrets.REMEMBERED).minusMillis(1);
    assertThat(secrets.find(Owner.deployment(), ISSUER, CLIENT)).contains(SECRET);
    now = NOW.plus(VaultClientSecrets.REMEMBERED);
    assertThat(secrets.find(Owner.deployment(), ISSUER, CLIENT)).contains(new ClientSecret("replaced"));
  }

  @Test
  void remembersABoundedNumber() {
    var issuers = IntStream.range(0, 201).mapToObj(i -> new Issuer("https://as-" + i + ".example")).toList();
    issuers.forEach(issuer -> secrets.keep(Owner.deployment(), issuer, CLIENT, SECRET));
    assertThat(callsOf(() -> secrets.find(Owner.deployment(), issuers.getLast(), CLIENT))).isZero();
    assertThat(callsOf(() -> secrets.find(Owner.deployment(), issuers.get(1), CLIENT))).isZero();
    assertThat(callsOf(() -> secrets.find(Owner.deployment(), issuers.getFirst(), CLIENT))).isEqualTo(1);
  }

  @Test
  void writesNothingThatIsThereAlready() {
    secrets.keep(Owner.deployment(), ISSUER, CLIENT, SECRET);
    assertThat(callsOf(() -> secrets.keep(Owner.deployment(), ISSUER, CLIENT, SECRET))).isEqualTo(1);
  }

  @Test
  void keepsWhatSomebodyElseMadeAtTheSameMoment() {
    var user = Owner.of(Samples.user());
    // Another process creates the secret between our read and our write: it had no lease, or the lease had expired.
    var raced = new Overlaid(vault) {
      private boolean first = true;

      @Override
      public boolean create(String name, String value) {
        if (first) vault.create(name, "{\"theirs\":\"their-secret\"}");
        first = false;
        return super.create(name, value);
      }
    };
    process(raced).keep(user, ISSUER, CLIENT, SECRET);
    assertThat(secrets.find(user, ISSUER, CLIENT)).contains(SECRET);
    assertThat(secrets.find(user, ISSUER, new ClientId("theirs"))).contains(new ClientSecret("their-secret"));
  }

  @Test
  void deletesTheSecretWithItsLastEntry() {
    var user = Owner.of(Samples.user());
    secrets.keep(user, ISSUER, CLIENT, SECRET);
    secrets.keep(user, ISSUER, new ClientId("client-2"), SECRET);
    secrets.remove(user, ISSUER, CLIENT);
    assertThat(vault.contents().values()).containsExactly("{\"client-2\":\"invented-secret\"}");
    secrets.remove(user, ISSUER, new ClientId("client-2"));
    assertThat(vault.contents()).isEmpty();
  }

  @Test
  void doesNotRememberWhatItHasForgotten() {
    secrets.keep(Owner.deployment(), ISSUER, CLIENT, SECRET);
    secrets.remove(Owner.deployment(), ISSUER, CLIENT);
    assertThat(secrets.find(Owner.deployment(), ISSUER, CLIENT)).isEmpty();
  }

  @Test
  void believesNoDeletionThatItCannotReadBack() {
    var user = Owner.of(Samples.user());
    secrets.keep(user, ISSUER, CLIENT, SECRET);
    var stubborn = new Overlaid(vault) {
      @Override
      public void delete(String name) {}
    };
    assertThatThrownBy(() -> process(stubborn).remove(user, ISSUER, CLIENT)).isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void believesNoWriteThatItCannotReadBack() {
    var forgetful = new Overlaid(vault) {
      @Override
      public boolean create(String name, String value) {
        return true;
      }
    };
    assertThatThrownBy(() -> process(forgetful).keep(Owner.deployment(), ISSUER, CLIENT, SECRET))
        .isInstanceOf(Failure.Misconfigured.class);
  }

  @Test
  void refusesMoreThanASecretHolds() {
    var user = Owner.of(Samples.user());
    secrets.keep(user, ISSUER, CLIENT, new ClientSecret("x".repeat(65_000)));
    assertThatThrownBy(() -> secrets.keep(user, ISSUER, new ClientId("client-2"), new ClientSecret("y".repeat(600))))
        .isInstanceOf(Failure.BadRequest.class);
    assertThat(secrets.find(user, ISSUER, CLIENT)).isPresent();
  }

  @Test
  void failsOnAValueThatIsNoMapAndDoesNotShowIt() {
    String name = "stack/client/" + Digest.sha256Hex("d#") + "/" + Digest.sha256Hex(ISSUER.value());
    for (String value : new String[]{"secret-text", "[]", "{\"client-1\":{}}", "{\"client-1\":null}", "{\"\":\"x\"}"}) {
      var broken = new MemoryVault();
      broken.create(name, value);
      assertThatThrownBy(() -> process(broken).find(Owner.deployment(), ISSUER, CLIENT))
          .isInstanceOfSatisfying(Failure.Misconfigured.class,
              failure -> assertThat(failure.safeMessage() + failure.detail()).doesNotContain(value));
    }
  }

  /** A vault in front of another one, which can change what callers see. */
  private abstract static class Overlaid implements SecretVault {
    private final SecretVault beneath;

    Overlaid(SecretVault beneath) {
      this.beneath = beneath;
    }

    @Override
    public Optional<String> read(String name) {
      return beneath.read(name);
    }

    @Override
    public boolean create(String name, String value) {
      return beneath.create(name, value);
    }

    @Override
    public void replace(String name, String value) {
      beneath.replace(name, value);
    }

    @Override
    public void delete(String name) {
      beneath.delete(name);
    }
  }
}
