package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.key;
import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Duration;
import java.time.Instant;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.registration.Owner;
import social.avatarai.mcp.registration.StartQuota;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Counters of begun flows in DynamoDB: one item for each user and hour, and one for each connection that steps up.
 *
 * <p>A count whose response was lost is counted twice only if another flow was counted in between. A limit against
 * floods can tolerate this.
 */
public final class DynamoDbStartQuota implements StartQuota {
  private final Table table;

  public DynamoDbStartQuota(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.servers());
  }

  @Override
  public boolean take(UserId user, Instant now) {
    return take(user, "start", MAX_PER_HOUR, now);
  }

  @Override
  public boolean takeStepUp(ConnectionKey connection, Instant now) {
    return take(connection.user(), "stepup#" + connection.connection(), MAX_STEP_UPS_PER_HOUR, now);
  }

  private boolean take(UserId user, String what, int most, Instant now) {
    long hour = now.getEpochSecond() / Duration.ofHours(1).toSeconds();
    String attempt = Unguessable.text();
    var left = Condition.of("attribute_not_exists(#started) OR (#started < :most AND #attempt <> :attempt)")
        .with("most", number(most));
    var counting = ItemUpdate.when(left).clause("#started = if_not_exists(#started, :zero) + :one")
        .with("zero", number(0))
        .with("one", number(1)).set(WriteResult.ATTEMPT, text(attempt))
        .set(Tables.TTL, seconds(now.plus(Duration.ofHours(2))));
    return table.update(key(Owner.of(user).key(), "counter#" + what + "#" + hour), counting).isDoneBy(attempt);
  }
}
