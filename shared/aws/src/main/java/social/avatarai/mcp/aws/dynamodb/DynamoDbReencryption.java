package social.avatarai.mcp.aws.dynamodb;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.Deadline;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.Journal;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.vault.Reencryption;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Re-encryption in DynamoDB: a scan, page by page, and a conditional update for each row under an older key. A pass over
 * the registrations also notes the holder of each client, because registrations of earlier versions have noted none.
 */
public final class DynamoDbReencryption implements Reencryption {
  private static final int PAGE = 100;
  /**
   * Another process may write a row at the same moment; then the row is tried again. No process writes one row this
   * often.
   */
  private static final int TRIES = 3;
  private static final Duration FOR_ONE = Duration.ofSeconds(5);

  private final DynamoDbClient client;
  private final Tables tables;
  private final DynamoDbClientHolders holders;
  private final Supplier<TokenCipher> ciphers;
  private final Journal journal;

  /** @param ciphers gives a cipher that knows the ring as it is now; an outdated one would seal with the older key */
  public DynamoDbReencryption(DynamoDbClient client, Tables tables, Supplier<TokenCipher> ciphers, Journal journal) {
    this.client = client;
    this.tables = tables;
    this.holders = new DynamoDbClientHolders(client, tables);
    this.ciphers = ciphers;
    this.journal = journal;
  }

  /**
   * Rows of one kind: the attribute that shows that a row has sealed values, and the function that seals them again.
   */
  private record Kind(String sealed, Function<Map<String, AttributeValue>, Optional<ItemUpdate>> resealing) {}

  /** A table, and the kinds of rows in it that have sealed values. */
  private record Target(Table table, List<Kind> kinds) {
    List<String> sealed() {
      return kinds.stream().map(Kind::sealed).toList();
    }

    Optional<ItemUpdate> resealing(Map<String, AttributeValue> item) {
      return kinds.stream().filter(kind -> item.containsKey(kind.sealed())).findFirst()
          .flatMap(kind -> kind.resealing().apply(item));
    }
  }

  private Target target(Area area) {
    var cipher = ciphers.get();
    return switch (area) {
      case TOKENS -> new Target(new Table(client, tables.tokens()),
          List.of(new Kind(GrantItem.ALWAYS_SEALED, new GrantItem(cipher)::resealing),
              new Kind(ReplacedTokenItem.SEALED, new ReplacedTokenItem(cipher)::resealing),
              new Kind(ReplacedTokenItem.SEALED_ACCESS, new ReplacedTokenItem(cipher)::resealing)));
      case SERVERS -> new Target(new Table(client, tables.servers()),
          List.of(new Kind(ServerItem.SEALED, item -> ServerItem.in(item, cipher).resealing(item)),
              new Kind(ProtocolItem.SESSION, new BuiltInNotes(cipher)::resealing)));
      case REGISTRATIONS -> new Target(new Table(client, tables.registrations()),
          List.of(new Kind(RegistrationItem.SEALED, new RegistrationItem(cipher)::resealing)));
    };
  }

  @Override
  public Run run(Area area, @Nullable String cursor, Deadline deadline) {
    var from = cursor == null ? null : ScanCursor.parse(cursor);
    var target = target(area);
    var total = new Run(0, 0, 0, null);
    if (area == Area.REGISTRATIONS && cursor == null) holders.beginNoting();
    while (true) {
      var page = target.table().scan(target.sealed(), from, PAGE);
      for (var item : page.items()) {
        if (area == Area.REGISTRATIONS) noteHolder(item);
        total = plus(total, outcome(target, item));
        if (!deadline.hasAtLeast(FOR_ONE)) return ended(area, total, item);
      }
      from = page.last();
      if (from == null || !deadline.hasAtLeast(FOR_ONE)) return ended(area, total, from);
    }
  }

  private void noteHolder(Map<String, AttributeValue> item) {
    try {
      RegistrationItem.holding(item)
          .ifPresent(held -> holders.note(new Owner(text(item, Tables.PARTITION)), held.issuer(), held.client().id()));
    } catch (Failure e) {
      // The row is also skipped and logged by the re-encryption itself.
      holders.breakNoting();
    }
  }

  private enum Outcome {
    CURRENT, REENCRYPTED, SKIPPED
  }

  private static Run plus(Run total, Outcome outcome) {
    return new Run(total.examined() + 1, total.reencrypted() + (outcome == Outcome.REENCRYPTED ? 1 : 0),
        total.skipped() + (outcome == Outcome.SKIPPED ? 1 : 0), null);
  }

  private Run ended(Area area, Run total, @Nullable Map<String, AttributeValue> at) {
    if (area == Area.REGISTRATIONS && at == null) holders.endNoting();
    var run = new Run(total.examined(), total.reencrypted(), total.skipped(), at == null ? null : ScanCursor.of(at));
    journal.write("reencryption", Map.of("table", area, "examined", run.examined(), "reencrypted", run.reencrypted(),
        "skipped", run.skipped(), "finished", at == null));
    return run;
  }

  private Outcome outcome(Target target, Map<String, AttributeValue> item) {
    try {
      return reseal(target, item);
    } catch (Failure e) {
      // A row that cannot be opened does not stop the others.
      return skipped(item, e.detail());
    }
  }

  private Outcome reseal(Target target, Map<String, AttributeValue> item) {
    var now = item;
    for (int tries = 0; tries < TRIES; tries++) {
      var change = target.resealing(now);
      if (change.isEmpty()) return Outcome.CURRENT;
      var written = target.table().update(Values.key(text(item, Tables.PARTITION), text(item, Tables.SORT)),
          change.get());
      if (written.applied()) return Outcome.REENCRYPTED;
      if (written.before().isEmpty()) return Outcome.CURRENT; // The row has been deleted meanwhile.
      now = written.before();
    }
    return skipped(item, "changed meanwhile");
  }

  private Outcome skipped(Map<String, AttributeValue> item, String why) {
    journal.write("reencryption_skipped", Map.of("connection", text(item, Tables.SORT), "detail", why));
    return Outcome.SKIPPED;
  }

  private static String text(Map<String, AttributeValue> item, String attribute) {
    return item.getOrDefault(attribute, Values.text("")).s();
  }
}
