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
 *
 * <p>One item more says that the holders of all registrations of the table are noted. Earlier versions noted none.
 */
public final class DynamoDbClientHolders implements ClientHolders {
  private static final String OWNER = "owner";
  private static final String SHARED = "shared";
  private static final String ENDING = "endingUntilMillis";
  private static final Map<String, AttributeValue> NOTING = Values.key("c#", "all");
  private static final String BEGUN = "begun";
  private static final String COMPLETE = "complete";
  private static final Condition INCOMPLETE = Condition.of("attribute_not_exists(#complete)");
  /** The item may change between two writes. */
  private static final int ROUNDS = 3;

  private final Table table;
  /** Once true, it stays true. */
  private volatile boolean allNoted;

  public DynamoDbClientHolders(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.registrations());
  }

  @Override
  public boolean hold(Owner owner, Issuer issuer, ClientId clientId, Instant now) {
    var key = key(issuer, clientId);
    for (int round = 0; round < ROUNDS; round++)
      if (holdAlone(key, owner) || holdWithOthers(key, owner, now)) return true;
    return false;
  }

  private boolean holdAlone(Map<String, AttributeValue> key, Owner owner) {
    var free = Condition
        .of("attribute_not_exists(#pk) OR (#owner = :owner AND attribute_not_exists(#endingUntilMillis))");
    return table.update(key, ItemUpdate.when(free).set(OWNER, digest(owner))).applied();
  }

  /** A client that is held after its end is shared, too: the issuer gives the same client again. */
  private boolean holdWithOthers(Map<String, AttributeValue> key, Owner owner, Instant now) {
    var held = Condition
        .of("attribute_exists(#pk)"
            + " AND (attribute_not_exists(#endingUntilMillis) OR #endingUntilMillis <= :now OR #owner = :owner)")
        .with("now", millis(now)).with(OWNER, digest(owner));
    return table.update(key, shared(held)).applied();
  }

  private static ItemUpdate shared(Condition condition) {
    return ItemUpdate.when(condition).set(SHARED, flag(true)).set(OWNER, null).set(ENDING, null).set(Tables.TTL, null);
  }

  @Override
  public boolean beginEnd(Owner owner, Issuer issuer, ClientId clientId, Instant now) {
    if (!isAllNoted()) return false;
    var until = now.plus(ENDING_LIFE);
    var alone = Condition.of("#owner = :owner").with(OWNER, digest(owner));
    return table.update(key(issuer, clientId),
        ItemUpdate.when(alone).set(ENDING, millis(until)).set(Tables.TTL, seconds(until.plus(ENDED_LIFE)))).applied();
  }

  @Override
  public void release(Owner owner, Issuer issuer, ClientId clientId) {
    table.delete(key(issuer, clientId),
        Condition.of("#owner = :owner AND attribute_not_exists(#endingUntilMillis)").with(OWNER, digest(owner)));
  }

  private boolean isAllNoted() {
    if (!allNoted) allNoted = table.get(NOTING).filter(item -> item.containsKey(COMPLETE)).isPresent();
    return allNoted;
  }

  /** Says that a pass over all registrations begins, which notes their holders. */
  void beginNoting() {
    table.update(NOTING, ItemUpdate.when(INCOMPLETE).set(BEGUN, flag(true)));
  }

  /** Says that the pass has met a registration that it could not read, so its end does not count. */
  void breakNoting() {
    table.update(NOTING, ItemUpdate.when(INCOMPLETE).set(BEGUN, flag(false)));
  }

  /** Says that the pass has reached the end. A pass that a process of an earlier version began does not count. */
  void endNoting() {
    table.update(NOTING,
        ItemUpdate.when(Condition.of("#begun = :begun").with(BEGUN, flag(true))).set(COMPLETE, flag(true)));
  }

  /** Says that all holders are noted, because the table is new. */
  public void noteNewTable() {
    beginNoting();
    endNoting();
  }

  /**
   * Notes the holder of a registration that is stored. An end that has begun goes on: either the owner is ending its own
   * client, or it is too late for this owner.
   */
  void note(Owner owner, Issuer issuer, ClientId clientId) {
    var key = key(issuer, clientId);
    for (int round = 0; round < ROUNDS; round++) {
      var first = table.update(key,
          ItemUpdate.when(Condition.absent()).set(OWNER, digest(owner)));
      if (first.applied() || digest(owner).equals(first.before().get(OWNER))) return;
      var held = Condition.of("attribute_exists(#pk) AND attribute_not_exists(#endingUntilMillis)");
      var second = table.update(key, shared(held));
      if (second.applied() || second.before().containsKey(ENDING)) return;
    }
    throw new IllegalStateException("the holders of a client change all the time");
  }

  private static AttributeValue digest(Owner owner) {
    return text(Digest.sha256Hex(owner.key()));
  }

  private static Map<String, AttributeValue> key(Issuer issuer, ClientId clientId) {
    return Values.key("c#" + Digest.sha256Hex(issuer.value()), Digest.sha256Hex(clientId.value()));
  }
}
