package social.avatarai.mcp.aws.dynamodb;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.ConnectionId;
import social.avatarai.mcp.ConnectionKey;
import social.avatarai.mcp.Listed;
import social.avatarai.mcp.UserId;
import social.avatarai.mcp.record.ServerSummaries;
import social.avatarai.mcp.record.ServerSummary;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * The users' servers in DynamoDB, as lists show them: of each item everything except the document and the sealed
 * session.
 */
public final class DynamoDbServerSummaries implements ServerSummaries {
  private final Table table;
  private final ServerRows rows;

  public DynamoDbServerSummaries(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.servers());
    this.rows = new ServerRows(client, tables);
  }

  @Override
  public Optional<Listed<ServerSummary>> find(ConnectionKey key) {
    return table.get(ServerItem.key(key)).map(DynamoDbServerSummaries::listed);
  }

  @Override
  public List<Listed<ServerSummary>> page(UserId user, @Nullable ConnectionId after, int limit) {
    return rows.page(user, after, limit, ServerItem.SUMMARY).stream().map(DynamoDbServerSummaries::listed)
        .toList();
  }

  private static Listed<ServerSummary> listed(Map<String, AttributeValue> item) {
    return Listing.of(ServerItem.TABLE, item, ServerItem::summary);
  }
}
