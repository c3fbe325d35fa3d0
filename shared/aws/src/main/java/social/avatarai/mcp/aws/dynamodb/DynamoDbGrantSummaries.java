package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.text;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.token.GrantSummaries;
import social.avatarai.mcp.token.GrantSummary;
import social.avatarai.mcp.vault.TokenCipher;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Grants in DynamoDB, as lists show them. Of each item only the attributes that are shown are read; these are in the
 * clear, except the account.
 */
public final class DynamoDbGrantSummaries implements GrantSummaries {
  /**
   * The start of the ids of connections that belong to a resource without a record. These ids sort after all others.
   */
  private static final String FIRST = "r:";
  private static final String END = "r;";

  private final Table table;
  private final GrantSummaryItem items;

  public DynamoDbGrantSummaries(DynamoDbClient client, Tables tables, Supplier<TokenCipher> cipher) {
    this.table = new Table(client, tables.tokens());
    this.items = new GrantSummaryItem(cipher);
  }

  @Override
  public List<Listed<GrantSummary>> read(UserId user, List<ConnectionId> connections) {
    var keys = connections.stream().map(connection -> GrantItem.key(new ConnectionKey(user, connection))).toList();
    return table.getAll(keys, GrantSummaryItem.ATTRIBUTES).stream().map(this::listed).toList();
  }

  @Override
  public List<Listed<GrantSummary>> ofResources(UserId user, @Nullable ConnectionId after, int limit) {
    // Ids differ by at least one character, so the range begins right after the id.
    String first = after == null ? FIRST : after.value() + "\u0001";
    var range = Condition.of("#pk = :pk AND #sk BETWEEN :first AND :end").with("pk", text(GrantItem.partition(user)))
        .with("first", text(first)).with("end", text(END));
    return table.query(range, limit, GrantSummaryItem.ATTRIBUTES).stream().filter(Listing::isConnection)
        .map(this::listed).toList();
  }

  private Listed<GrantSummary> listed(Map<String, AttributeValue> item) {
    return Listing.of(GrantItem.TABLE, item, items::summary);
  }
}
