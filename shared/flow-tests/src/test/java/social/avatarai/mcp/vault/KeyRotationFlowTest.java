package social.avatarai.mcp.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static social.avatarai.mcp.world.GrantWorld.inTime;
import static social.avatarai.mcp.world.GrantWorld.listTools;
import static social.avatarai.mcp.world.GrantWorld.refreshTokenOf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.Caller;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.flow.Flow;
import social.avatarai.mcp.http.Json;
import social.avatarai.mcp.resource.Access;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.token.CallerRefresh.What;
import social.avatarai.mcp.token.Refreshed;
import social.avatarai.mcp.vault.Reencryption.Area;
import social.avatarai.mcp.world.GrantWorld;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The key ring is rotated while the service handles requests. */
class KeyRotationFlowTest {
  private static final String NAME = "test/key-ring";
  private static final String NEW_KEY = "2".repeat(64);
  private static final Duration UNTIL_KNOWN = Duration.ofMinutes(5);
  /** The number of requests that must succeed before the next step. */
  private static final int MEANWHILE = 30;

  private final GrantWorld world = GrantWorld.start();
  private final Semaphore served = new Semaphore(0);
  private final AtomicBoolean over = new AtomicBoolean();
  /**
   * The clock does not move while a request is under way. A jump would end the request's lease, which no rotation does.
   */
  private final ReentrantReadWriteLock time = new ReentrantReadWriteLock();

  @AfterEach
  void close() {
    world.close();
  }

  private static List<Caller> users(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> new Caller(new UserId(name + "-" + i), false)).toList();
  }

  // The load

  /** Accesses and refreshes alternately for a user in one process, until the rotation is over. */
  private @Nullable Void serve(Flow process, Caller caller) {
    for (int turn = 0; !over.get(); turn++) {
      time.readLock().lock();
      try {
        if (turn % 2 == 0) assertThat(world.access(process, caller, listTools())).isInstanceOf(Access.Answered.class);
        else
          assertThat(refresh(process, caller)).isInstanceOf(Refreshed.Renewed.class);
      } finally {
        time.readLock().unlock();
      }
      served.release();
    }
    return null;
  }

  private Refreshed refresh(Flow process, Caller caller) {
    return process.refresh(caller, new What.Stored(world.connection()), inTime());
  }

  private void underLoad() throws InterruptedException {
    assertThat(served.tryAcquire(MEANWHILE, 1, MINUTES)).as("requests are served").isTrue();
  }

  // The rotation

  private String oldKey() {
    var ring = Json.object(world.platform.vault().read(NAME).orElseThrow().getBytes(US_ASCII)).orElseThrow();
    return ring.path("k1").asText();
  }

  private void put(String ring) {
    world.platform.vault().replace(NAME, ring.replace('\'', '"'));
  }

  private void untilKnown() {
    time.writeLock().lock();
    try {
      world.clock.advance(UNTIL_KNOWN);
    } finally {
      time.writeLock().unlock();
    }
  }

  /** Runs the re-encryption to its end, one row per invocation. Returns how many rows were sealed with the new key. */
  private int reencrypt(Flow process) throws InterruptedException {
    int reencrypted = 0;
    String cursor = null;
    do {
      var run = process.reencrypt(Area.TOKENS, cursor, Deadline.in(Duration.ZERO));
      assertThat(run.skipped()).isZero();
      reencrypted += run.reencrypted();
      cursor = run.cursor();
      if (served.availablePermits() < MEANWHILE) assertThat(served.tryAcquire(1, 1, MINUTES)).isTrue();
    } while (cursor != null);
    return reencrypted;
  }

  private @Nullable Void rotate(int idle) throws InterruptedException {
    try {
      String keys = "'k1':'" + oldKey() + "','k2':'" + NEW_KEY + "'";
      underLoad();
      put("{'current':'k1'," + keys + "}");
      underLoad();
      untilKnown();
      underLoad();
      put("{'current':'k2'," + keys + "}");
      underLoad();
      untilKnown();
      underLoad();
      assertThat(reencrypt(world.anotherProcess())).isGreaterThanOrEqualTo(idle);
      underLoad();
      assertThat(reencrypt(world.anotherProcess())).isZero();
      put("{'current':'k2','retired':['k1']," + keys + "}");
      untilKnown();
      underLoad();
      return null;
    } finally {
      over.set(true);
    }
  }

  // The outcome

  private Map<String, AttributeValue> stored(Caller caller) {
    return EmbeddedDynamoDb.inMemory().client().getItem(get -> get.tableName(world.platform.tables().tokens())
        .key(Map.of("pk", AttributeValue.fromS("u#" + caller.user()), "sk",
            AttributeValue.fromS(world.connection().value()))))
        .item();
  }

  private void assertSealedWithTheNewKey(Caller caller) {
    var item = stored(caller);
    var sealed = item.values().stream().filter(value -> value.b() != null).map(value -> value.b().asByteArray());
    assertThat(sealed).hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(bytes -> assertThat(bytes).startsWith("\2\2k2".getBytes(US_ASCII)));
    assertThat(item.get("refreshMac")).satisfies(mac -> assertThat(mac.s()).startsWith("k2:"));
  }

  @Test
  void rotationUnderLoadLosesNothingAndLeavesNothingToTheOldKey() throws Exception {
    var busy = users("busy", 4);
    var idle = users("idle", 3);
    var all = Stream.concat(busy.stream(), idle.stream()).toList();
    all.forEach(world::connect);

    var tasks = new ArrayList<Callable<@Nullable Void>>();
    for (var process : List.of(world.flow, world.anotherProcess()))
      busy.forEach(caller -> tasks.add(() -> serve(process, caller)));
    tasks.add(() -> rotate(idle.size()));
    GrantWorld.together(tasks);

    all.forEach(this::assertSealedWithTheNewKey);
    put("{'current':'k2','k2':'" + NEW_KEY + "'}");
    var process = world.anotherProcess();
    untilKnown();
    assertThat(all).allSatisfy(caller -> {
      assertThat(world.grantOf(caller).state().needsReauthorization()).isFalse();
      assertThat(world.access(process, caller, listTools())).isInstanceOf(Access.Answered.class);
    });
    var held = all.stream().map(caller -> refreshTokenOf(world.grantOf(caller)).reveal()).collect(toSet());
    assertThat(world.authorizationServer.liveRefreshTokens()).isEqualTo(held).hasSameSizeAs(all);
    assertThat(all).allSatisfy(caller -> assertThat(refresh(process, caller)).isInstanceOf(Refreshed.Renewed.class));
  }

  @Test
  void processThatIsBehindOpensWhatANewerKeySealed() {
    var caller = users("user", 1).getFirst();
    world.connect(caller);
    put("{'current':'k2','k1':'" + oldKey() + "','k2':'" + NEW_KEY + "'}");
    assertThat(refresh(world.anotherProcess(), caller)).isInstanceOf(Refreshed.Renewed.class);
    assertSealedWithTheNewKey(caller);
    assertThat(world.access(caller, listTools())).isInstanceOf(Access.Answered.class);
  }
}
