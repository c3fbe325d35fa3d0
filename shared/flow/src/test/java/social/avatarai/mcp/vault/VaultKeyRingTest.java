package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.MovableClock;

class VaultKeyRingTest {
  private final List<String> read = new ArrayList<>();
  private Optional<String> value = Optional.of(Rings.oneKey());
  private Runnable meanwhile = () -> {};
  private final MovableClock clock = new MovableClock();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final VaultKeyRing ring = new VaultKeyRing(new OneSecret(), "stack/key-ring", clock,
      new Journal(new PrintStream(log, true, UTF_8), clock));

  private void later(Duration duration) {
    clock.advance(duration);
  }

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
  void expectedRingIsReadOnceAndOnAnotherThread() throws InterruptedException {
    var begun = new CountDownLatch(1);
    var reader = new AtomicReference<Thread>();
    meanwhile = () -> {
      reader.set(Thread.currentThread());
      begun.countDown();
    };
    var expected = ring.expect();
    var again = ring.expect();
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(ring.current().currentId()).isEqualTo("k1");
    again.close();
    expected.close();
    ring.expect().close();
    assertThat(read).hasSize(1);
    assertThat(reader.get()).isNotSameAs(Thread.currentThread());
  }

  @Test
  void expectedReadHasTheTimeOfTheInvocation() throws Exception {
    var left = new CompletableFuture<Optional<Duration>>();
    meanwhile = () -> left.complete(Deadline.leftOfInvocation());
    Deadline.in(Duration.ofSeconds(5)).during(() -> ring.expect().close());
    assertThat(left.get(20, TimeUnit.SECONDS)).hasValueSatisfying(
        time -> assertThat(time).isLessThanOrEqualTo(Duration.ofSeconds(5)));
  }

  @Test
  void ringThatWasExpectedAndNotNeededIsReadAgain() {
    ring.expect().close();
    value = Optional.of(Rings.twoKeys("k2"));
    assertThat(ring.current().currentId()).isEqualTo("k2");
  }

  @Test
  void callerHasTheFailureOfARingThatWasExpected() {
    value = Optional.empty();
    try (var _ = ring.expect()) {
      assertThatThrownBy(ring::current).isInstanceOf(Failure.Misconfigured.class);
      assertThat(read).as("the failure is not asked for twice").hasSize(1);
    }
    value = Optional.of(Rings.oneKey());
    assertThat(ring.current().currentId()).isEqualTo("k1");
  }

  @Test
  void newCurrentKeyIsKnownAfterFiveMinutesWithoutARestart() {
    ring.current();
    value = Optional.of(Rings.twoKeys("k2"));
    later(Duration.ofMinutes(5).minusMillis(1));
    assertThat(ring.current().currentId()).isEqualTo("k1");
    assertThat(read).hasSize(1);
    later(Duration.ofMillis(1));
    assertThat(ring.current().currentId()).isEqualTo("k2");
    assertThat(ring.current().currentId()).isEqualTo("k2");
    assertThat(read).hasSize(2);
  }

  @Test
  void unknownKeyIdsInAnyNumberAskTheVaultOnceInFiveSeconds() {
    ring.current();
    for (int i = 0; i < 100; i++)
      ring.reload();
    assertThat(read).hasSize(2);
    later(Duration.ofSeconds(5));
    ring.reload();
    assertThat(read).hasSize(3);
  }

  @Test
  void othersGoOnWithTheRingTheyKnowWhileOneReadsItAgain() throws Exception {
    ring.current();
    later(Duration.ofMinutes(5));
    value = Optional.of(Rings.twoKeys("k2"));
    var reading = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    meanwhile = () -> {
      reading.countDown();
      try {
        goOn.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    };
    var slow = CompletableFuture.supplyAsync(ring::current, task -> Thread.ofVirtual().start(task));
    reading.await();
    assertThat(ring.current().currentId()).isEqualTo("k1");
    goOn.countDown();
    assertThat(slow.get().currentId()).isEqualTo("k2");
    assertThat(read).hasSize(2);
  }

  @Test
  void keepsTheRingItHasWhenTheNewOneIsNotUsable() {
    ring.current();
    value = Optional.of("{}");
    assertThat(ring.reload().currentId()).isEqualTo("k1");
    assertThat(ring.current().currentId()).isEqualTo("k1");
    assertThat(log.toString(UTF_8)).contains("secret_not_reread", "stack/key-ring");
  }

  @Test
  void keepsTheRingItHasWhenTheVaultDoesNotRespondAndAsksAgainHalfAMinuteLater() {
    ring.current();
    meanwhile = () -> {
      throw new IllegalStateException("invented outage");
    };
    later(Duration.ofMinutes(5));
    assertThat(ring.current().currentId()).isEqualTo("k1");
    assertThat(ring.current().currentId()).isEqualTo("k1");
    assertThat(read).hasSize(2);
    assertThat(log.toString(UTF_8)).contains("secret_not_reread").doesNotContain("invented outage");

    meanwhile = () -> {};
    value = Optional.of(Rings.twoKeys("k2"));
    later(Duration.ofSeconds(30));
    assertThat(ring.current().currentId()).isEqualTo("k2");
  }

  @Test
  void failsWithoutASecretAndTriesAgain() {
    value = Optional.empty();
    assertThatThrownBy(ring::current).isInstanceOf(Failure.Misconfigured.class);
    assertThatThrownBy(ring::reload).isInstanceOf(Failure.Misconfigured.class);
    value = Optional.of(Rings.oneKey());
    assertThat(ring.current().currentId()).isEqualTo("k1");
  }

  private final class OneSecret implements SecretVault {
    @Override
    public Optional<String> read(String name) {
      read.add(name);
      var now = value;
      meanwhile.run();
      return now;
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
