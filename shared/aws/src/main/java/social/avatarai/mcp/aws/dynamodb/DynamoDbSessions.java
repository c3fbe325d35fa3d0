package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.key;
import static social.avatarai.mcp.aws.dynamodb.Values.millis;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import social.avatarai.mcp.SessionKey;
import social.avatarai.mcp.Unguessable;
import social.avatarai.mcp.authorization.AuthorizationSession;
import social.avatarai.mcp.authorization.AuthorizationSession.Status;
import social.avatarai.mcp.authorization.ParkedResponse;
import social.avatarai.mcp.authorization.SessionOutcome;
import social.avatarai.mcp.authorization.Sessions;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Authorization sessions in DynamoDB: one item for each session, and one for each response that is parked on it. */
public final class DynamoDbSessions implements Sessions {
  private final Table table;
  private final SessionItem items;
  private final ParkedItem parkedItems;

  public DynamoDbSessions(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.sessions());
    this.items = new SessionItem(cipher);
    this.parkedItems = new ParkedItem(cipher);
  }

  @Override
  public void begin(AuthorizationSession session) {
    // The item in the way can only come from an earlier try of ours, because the key is the digest of 256 random bits.
    // Writing again must not reset a session that a callback has claimed meanwhile.
    table.put(items.of(session), Condition.absent());
  }

  @Override
  public Optional<AuthorizationSession> find(SessionKey key) {
    return table.get(key(key.value())).map(items::session);
  }

  @Override
  public Optional<WithParked> findWithParked(SessionKey key) {
    var keys = Stream.concat(Stream.of(key.value()), ParkedItem.keys(key).stream()).map(Values::key).toList();
    var found = new HashMap<String, Map<String, AttributeValue>>();
    table.getAll(keys).forEach(item -> found.put(Objects.requireNonNull(item.get(Tables.PARTITION)).s(), item));
    return Optional.ofNullable(found.get(key.value())).map(items::session)
        .map(session -> new WithParked(session, parked(session, found)));
  }

  private List<ParkedResponse> parked(AuthorizationSession session, Map<String, Map<String, AttributeValue>> found) {
    var parked = new ArrayList<ParkedResponse>();
    for (String place : ParkedItem.keys(session.key())) {
      var item = found.get(place);
      if (item != null) parked.add(parkedItems.parked(item, session));
    }
    return parked;
  }

  @Override
  public boolean claim(SessionKey key, Instant now) {
    String attempt = Unguessable.text();
    var claimable = Condition.of("(#status = :pending OR #status = :parked) AND #expiresAtMillis > :now")
        .with("pending", status(Status.PENDING)).with("parked", status(Status.PARKED)).with("now", millis(now));
    return table.update(key(key.value()),
        ItemUpdate.when(claimable).set("status", status(Status.REDEEMING)).set(WriteResult.ATTEMPT, text(attempt)))
        .isDoneBy(attempt);
  }

  @Override
  public void finish(AuthorizationSession session, SessionOutcome outcome, Instant readableUntil) {
    var claimed = Condition.of("#status = :redeeming").with("redeeming", status(Status.REDEEMING));
    var written = table.update(key(session.key().value()), items.finishing(claimed, session, outcome, readableUntil));
    // Either the session is over already, by a try whose response was lost, or the item has been cleaned up and no
    // request will look for it.
    if (!written.applied() && written.text("status").map(Status::valueOf).filter(status -> !status.isOver())
        .isPresent()) {
      throw new IllegalStateException("a session that was not claimed cannot finish");
    }
  }

  @Override
  public boolean park(AuthorizationSession session, ParkedResponse response, Instant now) {
    if (!parkAnywhere(session, response, now)) return false;
    if (session.status() == Status.PENDING) markParked(session.key(), now);
    return true;
  }

  private boolean parkAnywhere(AuthorizationSession session, ParkedResponse response, Instant now) {
    String attempt = Unguessable.text();
    var free = Condition.of("attribute_not_exists(#pk) OR #expiresAtMillis <= :now").with("now", millis(now));
    for (int number = 1; number <= ParkedResponse.MAX_PER_SESSION; number++) {
      if (table.put(parkedItems.of(session, response, number, attempt), free).isDoneBy(attempt)) return true;
    }
    return false;
  }

  /** This is only a note. The session may have changed meanwhile: a claimed session stays claimed. */
  private void markParked(SessionKey key, Instant now) {
    var pending = Condition.of("#status = :pending AND #expiresAtMillis > :now")
        .with("pending", status(Status.PENDING)).with("now", millis(now));
    table.update(key(key.value()), ItemUpdate.when(pending).set("status", status(Status.PARKED)));
  }

  @Override
  public void drop(SessionKey key, ParkedResponse response) {
    // Another response may have taken this place since.
    table.delete(key(ParkedItem.key(key, response.number())),
        Condition.of("#completionHash = :completionHash").with("completionHash", text(response.completionHash())));
  }

  private static AttributeValue status(Status status) {
    return text(status.name());
  }
}
