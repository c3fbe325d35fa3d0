package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.flag;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Instant;
import java.util.Map;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.Digest;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.registration.ClientHolders;
import social.avatarai.mcp.registration.Owner;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The holders of clients in DynamoDB, one small item for each issuer and client, found by these alone. An item has its
 * only owner (a digest), or says that there are several. It holds no secret and is not deleted with a user.
 */
public final class DynamoDbClientHolders implements ClientHolders {
  private static final String OWNER = "owner";
  private static final String SHARED = "shared";
  private static final String ENDING = "endingUntilMillis";
  /** The item may change between the two writes of {@link #hold}. */
  private static final int ROUNDS = 3;

  private final Table table;

  public DynamoDbClientHolders(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.registrations());
  }

  @Override
  public boolean hold(Owner owner, Issuer issuer, ClientId clientId, Instant now) {
    var key = key(issuer, clientId);
    for (int round = 0; round < ROUNDS; round++)
      if (holdAlone(key, owner, now) || holdWithOthers(key)) return true;
    return false;
  }

  /** An end that is over by its time has happened, or never will. The client that is held now is a new one. */
  private boolean holdAlone(Map<String, AttributeValue> key, Owner owner, Instant now) {
    var free = Condition.of("attribute_not_exists(#pk) OR #owner = :owner OR #endingUntilMillis <= :now")
        .with("now", millis(now));
    return table.update(key,
        ItemUpdate.when(free).set(OWNER, digest(owner)).set(ENDING, null).set(Tables.TTL, null)).applied();
  }

  private boolean holdWithOthers(Map<String, AttributeValue> key) {
    var held = Condition.of("attribute_exists(#pk) AND attribute_not_exists(#endingUntilMillis)");
    return table.update(key, ItemUpdate.when(held).set(SHARED, flag(true)).set(OWNER, null)).applied();
  }

  @Override
  public boolean beginEnd(Owner owner, Issuer issuer, ClientId clientId, Instant now) {
    var until = now.plus(ENDING_LIFE);
    var alone = Condition.of("#owner = :owner").with(OWNER, digest(owner));
    return table.update(key(issuer, clientId),
        ItemUpdate.when(alone).set(ENDING, millis(until)).set(Tables.TTL, seconds(until))).applied();
  }

  @Override
  public void release(Owner owner, Issuer issuer, ClientId clientId) {
    table.delete(key(issuer, clientId),
        Condition.of("#owner = :owner AND attribute_not_exists(#endingUntilMillis)").with(OWNER, digest(owner)));
  }

  private static AttributeValue digest(Owner owner) {
    return text(Digest.sha256Hex(owner.key()));
  }

  private static Map<String, AttributeValue> key(Issuer issuer, ClientId clientId) {
    return Values.key("c#" + Digest.sha256Hex(issuer.value()), Digest.sha256Hex(clientId.value()));
  }
}
