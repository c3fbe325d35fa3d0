package social.avatarai.mcp.lambda;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.EndpointUrl;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.aws.AwsClients;
import social.avatarai.mcp.aws.dynamodb.DynamoDbGrants;
import social.avatarai.mcp.aws.dynamodb.Tables;
import social.avatarai.mcp.http.AddressPolicy;
import social.avatarai.mcp.http.OutboundDoor;
import social.avatarai.mcp.http.SystemTrust;
import social.avatarai.mcp.vault.AeadTokenCipher;
import social.avatarai.mcp.vault.Destination;
import social.avatarai.mcp.vault.KeyRing;
import social.avatarai.mcp.vault.KeyRingSource;
import social.avatarai.mcp.vault.TokenCipher;

/**
 * Loads, on other threads, what the first call of a function needs: most of a cold start is the loading of classes, and
 * the threads share it while the process starts.
 *
 * <p>Nothing here reaches the network, and no secret is read: the stores give canned responses, and the value that is
 * sealed and opened has a key of its own, which is thrown away. So a snapshot of the process holds no secret.
 */
final class Priming {
  private static final String RESPONSE = """
      {"Count":1,"ScannedCount":1,"Responses":{},"UnprocessedKeys":{},"SecretString":"{}","Items":[{
      "pk":{"S":"u#none"},"sk":{"S":"none"},"resourceKey":{"S":"https://example.com/"}}]}""";
  /** Lambda gives a process 10 s to start. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(8);

  private final Journal journal;
  private final List<Thread> threads = new ArrayList<>();

  private Priming(Journal journal) {
    this.journal = journal;
  }

  /** Begins, and returns at once. A fault here is no fault of the function: its first call shows whether it works. */
  static Priming begin(Journal journal) {
    var priming = new Priming(journal);
    priming.start("stores", Priming::stores);
    priming.start("servers", Priming::servers);
    return priming;
  }

  /** Does something else when everything is loaded. */
  void thenRun(Runnable work) {
    var before = List.copyOf(threads);
    start("rehearsal", () -> {
      await(before);
      work.run();
    });
  }

  /** Waits until all is done, or for {@link #MAX_WAIT}. */
  void await() {
    await(threads);
  }

  private static void await(List<Thread> threads) {
    var end = Deadline.in(MAX_WAIT);
    try {
      for (var thread : threads) {
        var _ = thread.join(end.remaining());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void start(String part, Runnable work) {
    threads.add(Thread.ofPlatform().daemon().name("priming-" + part).start(() -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        journal.write("priming_failed", Map.of("part", part, "error", e.getClass().getSimpleName()));
      }
    }));
  }

  /** The clients of the SDK, what they send, and what they read. */
  private static void stores() {
    try (var client = AwsClients.cannedDynamoDb(RESPONSE)) {
      new DynamoDbGrants(client, Tables.withPrefix(""), throwAwayCipher()).covering(new UserId("none"),
          new EndpointUrl("https://example.com/"));
    }
    try (var client = AwsClients.cannedSecretsManager(RESPONSE)) {
      client.getSecretValue(get -> get.secretId("none"));
    }
  }

  /** The outbound door with its certificates, and the cipher of the tokens that it carries. */
  private static void servers() {
    loadNumbers();
    try (var _ = new OutboundDoor(AddressPolicy.publicInternet())) {
      var place = TokenCipher.Place.of("none", "none");
      var cipher = throwAwayCipher();
      cipher.open(cipher.seal("none", place, Destination.none()), place, Destination.none());
    }
    SystemTrust.load();
  }

  /** Each parser of JSON needs {@link BigDecimal}, which computes 5^65536 when it is loaded: the first event waits for it. */
  private static void loadNumbers() {
    var _ = BigDecimal.ZERO.signum();
  }

  private static TokenCipher throwAwayCipher() {
    return new AeadTokenCipher(new KeyRingSource.Fixed(KeyRing.parse(KeyRing.fresh())));
  }
}
