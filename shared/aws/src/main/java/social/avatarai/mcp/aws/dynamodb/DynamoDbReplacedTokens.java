package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import social.avatarai.mcp.ClientId;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Issuer;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.ReplacedToken;
import social.avatarai.mcp.token.ReplacedTokens;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The tokens of replaced and ended grants in DynamoDB. Each token is one item, in the table of the grants. */
public final class DynamoDbReplacedTokens implements ReplacedTokens {
  private final Table table;
  private final ReplacedTokenItem items;
  private final GrantItem grants;
  private final WaitingItem waiting;

  public DynamoDbReplacedTokens(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.tokens());
    this.items = new ReplacedTokenItem(cipher);
    this.grants = new GrantItem(cipher);
    this.waiting = new WaitingItem(cipher);
  }

  @Override
  public void keep(ReplacedToken token) {
    var older = Condition.of("attribute_not_exists(#pk) OR #version < :version").with("version",
        number(token.version()));
    table.put(items.of(token), older);
  }

  @Override
  public List<ReplacedToken> of(ConnectionKey connection) {
    return tokens(query(connection.user(), ReplacedTokenItem.prefix(connection.connection())).stream());
  }

  private List<ReplacedToken> tokens(Stream<Map<String, AttributeValue>> found) {
    return found.flatMap(item -> items.readable(item).stream()).sorted(Comparator.comparing(ReplacedToken::replacedAt))
        .toList();
  }

  @Override
  public int forgetUnreadable(ConnectionKey connection) {
    var unreadable = query(connection.user(), ReplacedTokenItem.prefix(connection.connection())).stream()
        .filter(item -> items.readable(item).isEmpty()).toList();
    unreadable.forEach(item -> table.delete(Values.key(item), Condition.present()));
    return unreadable.size();
  }

  @Override
  public OfClient ofClient(UserId user, Issuer issuer, ClientId client, Instant now) {
    var partition = Condition.of("#pk = :pk").with("pk", text(GrantItem.partition(user)));
    var rows = table.query(partition);
    var found = rows.stream().filter(item -> TargetItem.isOf(item, issuer, client)).toList();
    var waits = rows.stream().filter(item -> WaitingItem.mayBeStored(item, now)).map(WaitingItem::grant)
        .filter(item -> TargetItem.isOf(item, issuer, client)).map(waiting::identity);
    var accounts = Stream.concat(found.stream().filter(GrantItem::isGrant).map(grants::identity), waits).toList();
    return new OfClient(accounts, tokens(found.stream().filter(ReplacedTokenItem::isReplacedToken)));
  }

  @Override
  public List<ConnectionId> connections(UserId user) {
    return query(user, ReplacedTokenItem.SORT_PREFIX).stream().map(ReplacedTokenItem::connectionOf).distinct().toList();
  }

  private List<Map<String, AttributeValue>> query(UserId user, String prefix) {
    return table.query(Condition.range(GrantItem.partition(user), prefix));
  }

  @Override
  public void forget(ReplacedToken token) {
    table.delete(ReplacedTokenItem.key(token),
        Condition.of("#version = :version").with("version", number(token.version())));
  }
}
