package social.avatarai.mcp.aws.dynamodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import social.avatarai.mcp.testkit.EmbeddedDynamoDb;
import social.avatarai.mcp.testkit.store.Samples;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.ProjectionType;
import software.amazon.awssdk.services.dynamodb.model.TimeToLiveStatus;

class TablesTest {

  @Test
  void theFiveTablesHaveTheirKeysAndAreCleaned() {
    var tables = Stores.TABLES;
    assertThat(keys(tables.sessions())).containsExactly("pk");
    for (String table : new String[]{tables.tokens(), tables.due(), tables.registrations(), tables.servers()}) {
      assertThat(keys(table)).containsExactly("pk", "sk");
    }
    for (var request : tables.timesToLive()) {
      var cleaning = Stores.client().describeTimeToLive(ask -> ask.tableName(request.tableName()))
          .timeToLiveDescription();
      assertThat(cleaning.attributeName()).isEqualTo("ttl");
      assertThat(cleaning.timeToLiveStatus()).isEqualTo(TimeToLiveStatus.ENABLED);
    }
  }

  @Test
  void theIndexByResourceHoldsKeysAndGrantsAlone() {
    assertThat(Stores.client().describeTable(ask -> ask.tableName(Stores.TABLES.tokens())).table()
        .localSecondaryIndexes()).singleElement().satisfies(index -> {
          assertThat(index.indexName()).isEqualTo("byResource");
          assertThat(index.keySchema()).extracting(KeySchemaElement::attributeName).containsExactly("pk",
              "resourceKey");
          assertThat(index.projection().projectionType()).isEqualTo(ProjectionType.KEYS_ONLY);
        });
  }

  private static List<String> keys(String table) {
    return Stores.client().describeTable(ask -> ask.tableName(table)).table().keySchema().stream()
        .map(KeySchemaElement::attributeName).toList();
  }

  @Test
  void anEmbeddedDatabaseKeepsItsDataInItsFolder(@TempDir Path folder) {
    var tables = Tables.withPrefix("local-");
    var grant = Samples.grant();
    try (var database = EmbeddedDynamoDb.in(folder)) {
      tables.creations().forEach(database.client()::createTable);
      new DynamoDbGrants(database.client(), tables, Stores.CIPHER).store(grant);
    }
    try (var database = EmbeddedDynamoDb.in(folder)) {
      assertThat(new DynamoDbGrants(database.client(), tables, Stores.CIPHER).read(grant.key())).contains(grant);
    }
  }
}
