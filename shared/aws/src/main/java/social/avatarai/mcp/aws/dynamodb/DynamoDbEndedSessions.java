package social.avatarai.mcp.aws.dynamodb;

import static social.avatarai.mcp.aws.dynamodb.Values.key;
import static social.avatarai.mcp.aws.dynamodb.Values.seconds;

import java.time.Instant;
import social.avatarai.mcp.proxy.EndedSessions;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The ended sessions of MCP clients in DynamoDB: one item for each, in the table of authorization sessions. An item holds
 * a digest and a time, and nothing of the user.
 */
public final class DynamoDbEndedSessions implements EndedSessions {
  private static final String PREFIX = "proxy#";

  private final Table table;

  public DynamoDbEndedSessions(DynamoDbClient client, Tables tables) {
    this.table = new Table(client, tables.sessions());
  }

  @Override
  public void end(String session, Instant until) {
    table.put(Values.of(PREFIX + session).with(Tables.TTL, seconds(until)).toMap(), Condition.absent());
  }

  @Override
  public boolean contain(String session) {
    return table.get(key(PREFIX + session)).isPresent();
  }
}
