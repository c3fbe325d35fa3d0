package social.avatarai.mcp.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.registration.SigningKeys;
import social.avatarai.mcp.testkit.FixedClock;
import social.avatarai.mcp.testkit.MemoryVault;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.TokenCipher.Place;
import social.avatarai.mcp.vault.VaultKeyRing;

/** The steps by which an operator rotates keys, and the steps that are refused because they come too early. */
class KeyCommandsTest {
  private static final String RING = "shop/key-ring";
  private static final String SIGNING = "shop/signing-key";
  private static final String FIRST_KEY = "1".repeat(64);

  private final FixedClock clock = FixedClock.started();
  private final MemoryVault vault = new MemoryVault();
  private final Deque<String> runs = new ArrayDeque<>();
  private final List<String> events = new ArrayList<>();
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final KeyCommands commands = new KeyCommands(vault, "shop", event -> {
    events.add(event);
    return runs.remove();
  }, clock, new PrintStream(printed, true, UTF_8));

  KeyCommandsTest() {
    vault.create(RING, "{\"current\":\"k1\",\"k1\":\"" + FIRST_KEY + "\"}");
  }

  @Test
  void stepNamesTheCommandOfTheNextStepWithItsStack() throws Exception {
    run("add");
    assertThat(printed.toString(UTF_8)).contains(": ops/keys --stack shop use " + added());
  }

  private boolean run(String... command) throws Exception {
    return commands.run(List.of(command));
  }

  private void assertRefused(String why, String... command) {
    String before = vault.contents().toString();
    assertThatThrownBy(() -> run(command)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    assertThat(vault.contents().toString()).isEqualTo(before);
  }

  private JsonNode stored(String name) {
    return Json.object(vault.read(name).orElseThrow().getBytes(UTF_8)).orElseThrow();
  }

  /** The key that was added last. */
  private String added() {
    var ids = new ArrayList<String>();
    stored(RING).path("dates").fieldNames().forEachRemaining(ids::add);
    return ids.getLast();
  }

  private AeadTokenCipher cipher() {
    return new AeadTokenCipher(new VaultKeyRing(vault, RING, Clock.systemUTC(), Journal.standard(clock)));
  }

  private void aRunOf(int examined, int reencrypted, int skipped, String cursor) {
    runs.add("{\"examined\":" + examined + ",\"reencrypted\":" + reencrypted + ",\"skipped\":" + skipped
        + ",\"cursor\":" + cursor + "}");
  }

  @Test
  void ringIsRotatedStepByStepAndOpensWhatItSealedAllTheWay() throws Exception {
    var place = Place.of("tokens", "somebody");
    byte[] old = cipher().seal("invented", place, Destination.none());

    run("add");
    String id = added();
    assertThat(id).matches("k20260102-[a-z0-9]{6}");
    assertThat(cipher().isCurrent(old)).isTrue();
    assertRefused("not known everywhere yet", "use", id);

    clock.advance(RingRotation.UNTIL_KNOWN);
    run("use", id);
    assertThat(cipher().isCurrent(old)).isFalse();
    assertThat(cipher().open(old, place, Destination.none())).isEqualTo("invented");
    assertRefused("still seal with the key before", "reencrypt");
    assertRefused("still seal with the key before", "retire", "k1");

    clock.advance(RingRotation.UNTIL_KNOWN);
    aRunOf(100, 90, 0, "\"bmV4dA\"");
    aRunOf(10, 10, 0, "null");
    aRunOf(3, 3, 0, "null");
    aRunOf(2, 2, 0, "null");
    assertThat(run("reencrypt")).isTrue();
    assertThat(events).containsExactly("{\"table\":\"tokens\",\"cursor\":null}",
        "{\"table\":\"tokens\",\"cursor\":\"bmV4dA\"}", "{\"table\":\"servers\",\"cursor\":null}",
        "{\"table\":\"registrations\",\"cursor\":null}");

    run("retire", "k1");
    assertThat(cipher().open(old, place, Destination.none())).isEqualTo("invented");
    assertRefused("k1 is retired", "use", "k1");
    run("status");
    assertThat(printed.toString(UTF_8)).contains("tokens: 110 examined, 100 re-encrypted, 0 skipped",
        "k1 only opens from now on. It must stay in the ring until " + clock.instant().plus(Duration.ofDays(36)),
        "key ring  k1: retired, retired 2026-01-02", "key ring  " + id + ": current, added 2026-01-02")
        .doesNotContain(FIRST_KEY, stored(RING).path(id).asText());
  }

  @Test
  void currentKeyIsNotRetiredAndUnknownOnesAreNotUsed() {
    assertRefused("k1 is current", "retire", "k1");
    assertRefused("k1 is current already", "use", "k1");
    assertRefused("no key k7", "use", "k7");
    assertRefused("no key k7", "retire", "k7");
    assertRefused("no key current", "use", "current");
    assertRefused("usage", "use");
    assertRefused("usage", "remove", "k1");
    assertRefused("usage");
    assertRefused("no secret shop/signing-key", "add-signing");
  }

  @Test
  void rowsThatWereSkippedAreNotDone() throws Exception {
    aRunOf(5, 4, 1, "null");
    aRunOf(0, 0, 0, "null");
    aRunOf(0, 0, 0, "null");
    assertThat(run("reencrypt")).isFalse();
    assertThat(printed.toString(UTF_8)).contains("run it again");
  }

  @Test
  void functionThatFailsEndsTheCommand() {
    runs.add("{\"errorMessage\":\"invented\",\"errorType\":\"java.lang.IllegalStateException\"}");
    assertRefused("the function failed", "reencrypt");
  }

  @Test
  void twoKeysThatAreAddedTogetherDoNotShareAName() throws Exception {
    run("add");
    String first = added();
    run("add");
    assertThat(added()).isNotEqualTo(first);
  }

  @Test
  void signingKeyIsPublishedBeforeItSignsAndUntilWhatItSignedIsOver() throws Exception {
    var keys = new SigningKeys(vault, SIGNING, clock, Journal.standard(clock));
    String old = keys.publicKeys().at("/keys/0/kid").asText();

    run("add-signing");
    String fresh = stored(SIGNING).at("/keys/0/kid").asText();
    assertThat(stored(SIGNING).path("current").asText()).isEqualTo(old).isNotEqualTo(fresh);
    clock.advance(Duration.ofMinutes(5));
    assertThat(keys.publicKeys().findValuesAsText("kid")).containsExactly(fresh, old);
    assertRefused("may not have been fetched", "use-signing", fresh);

    clock.advance(SigningRotation.UNTIL_FETCHED);
    run("use-signing", fresh);
    assertThat(stored(SIGNING).path("current").asText()).isEqualTo(fresh);
    assertRefused("may still be on its way", "retire-signing", old);
    assertRefused("signs", "retire-signing", fresh);

    clock.advance(SigningRotation.UNTIL_FETCHED);
    run("retire-signing", old);
    assertThat(keys.publicKeys().findValuesAsText("kid")).containsExactly(fresh);
    run("status");
    assertThat(printed.toString(UTF_8)).contains("signing   " + fresh + ": signs")
        .doesNotContain(stored(SIGNING).at("/keys/0/d").asText());
  }
}
