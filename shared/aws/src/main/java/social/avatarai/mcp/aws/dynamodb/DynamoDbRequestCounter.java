package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.key;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.RequestCounter;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Counters of calls in DynamoDB: one item for each user and hour, one for each connection that steps up, and one for each
 * user whose clients end sessions.
 *
 * <p>A count whose response was lost is counted twice only if another call was counted in between. A limit against
 * floods can tolerate this.
 */
public final class DynamoDbRequestCounter implements RequestCounter {
  private static final String CALLS = "start";
  private static final Duration CLEANED_AFTER = Duration.ofHours(2);

  private final Table table;

  public DynamoDbRequestCounter(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.servers());
  }

  @Override
  public Count count(UserId user, int most, Instant now) {
    String attempt = Unguessable.text();
    var written = add(user, CALLS, most, now, attempt);
    long before = count(written.before(), "started").orElse(0L);
    // The item from before the write; of a write whose response was lost, the item from after it.
    return new Count(written.isDoneBy(attempt), written.applied() ? before + 1 : before, seen(written.before()));
  }

  private static @Nullable GrantsSeen seen(Map<String, AttributeValue> item) {
    return count(item, "grants").flatMap(grants -> count(item, "grantsAt")
        .map(call -> new GrantsSeen((int) Math.min(grants, Integer.MAX_VALUE), call))).orElse(null);
  }

  private static Optional<Long> count(Map<String, AttributeValue> item, String attribute) {
    return Optional.ofNullable(item.get(attribute)).map(AttributeValue::n).map(Long::valueOf);
  }

  @Override
  public void noteGrants(UserId user, GrantsSeen seen, Instant now) {
    var noting = ItemUpdate.when(Condition.of("attribute_exists(#started)")).set("grants", number(seen.grants()))
        .set("grantsAt", number(seen.atCall()));
    table.update(counter(user, CALLS, now), noting);
  }

  @Override
  public boolean takeStepUp(ConnectionKey connection, Instant now) {
    String attempt = Unguessable.text();
    return add(connection.user(), "stepup#" + connection.connection(), MAX_STEP_UPS_PER_HOUR, now, attempt)
        .isDoneBy(attempt);
  }

  @Override
  public boolean takeSessionEnd(UserId user, Instant now) {
    String attempt = Unguessable.text();
    return add(user, "session-end", MAX_SESSION_ENDS_PER_HOUR, now, attempt).isDoneBy(attempt);
  }

  private WriteResult add(UserId user, String what, int most, Instant now, String attempt) {
    var left = Condition.of("attribute_not_exists(#started) OR (#started < :most AND #attempt <> :attempt)")
        .with("most", number(most));
    var counting = ItemUpdate.when(left).clause("#started = if_not_exists(#started, :zero) + :one")
        .with("zero", number(0))
        .with("one", number(1)).set(WriteResult.ATTEMPT, text(attempt))
        .set(Tables.TTL, seconds(now.plus(CLEANED_AFTER)));
    return table.update(counter(user, what, now), counting);
  }

  private static Map<String, AttributeValue> counter(UserId user, String what, Instant now) {
    long hour = now.getEpochSecond() / Duration.ofHours(1).toSeconds();
    return key(Owner.of(user).key(), "counter#" + what + "#" + hour);
  }
}
