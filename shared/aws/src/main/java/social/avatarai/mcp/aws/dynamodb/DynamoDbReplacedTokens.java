package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.number;
import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.store.ReplacedTokens;
import social.avatarai.mcp.store.TokenCipher;
import social.avatarai.mcp.token.GrantKey;
import social.avatarai.mcp.token.ReplacedToken;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** The refresh tokens of replaced grants in DynamoDB, beside the grants: an item for each. */
public final class DynamoDbReplacedTokens implements ReplacedTokens {
  private final Table table;
  private final ReplacedTokenItem items;

  public DynamoDbReplacedTokens(DynamoDbClient client, Tables tables, TokenCipher cipher) {
    this.table = new Table(client, tables.tokens());
    this.items = new ReplacedTokenItem(cipher);
  }

  @Override
  public void keep(ReplacedToken token) {
    var older = Condition.of("attribute_not_exists(#pk) OR #version < :version").with("version",
        number(token.version()));
    table.put(items.of(token), older);
  }

  @Override
  public List<ReplacedToken> of(GrantKey connection) {
    return query(connection.user(), ReplacedTokenItem.prefix(connection.connection())).stream().map(items::token)
        .sorted(Comparator.comparing(ReplacedToken::replacedAt)).toList();
  }

  @Override
  public List<ConnectionId> connections(UserId user) {
    return query(user, ReplacedTokenItem.SORT_PREFIX).stream().map(ReplacedTokenItem::connectionOf).distinct().toList();
  }

  private List<Map<String, AttributeValue>> query(UserId user, String prefix) {
    return table.query(Condition.of("#pk = :pk AND begins_with(#sk, :prefix)")
        .with("pk", text(GrantItem.partition(user))).with("prefix", text(prefix)));
  }

  @Override
  public void forget(ReplacedToken token) {
    table.delete(ReplacedTokenItem.key(token),
        Condition.of("#version = :version").with("version", number(token.version())));
  }
}
