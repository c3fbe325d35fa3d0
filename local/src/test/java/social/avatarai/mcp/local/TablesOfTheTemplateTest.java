package social.avatarai.mcp.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import social.avatarai.mcp.aws.dynamodb.Tables;
import software.amazon.awssdk.services.dynamodb.model.CreateTableRequest;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;

/**
 * The tables of a deployment are those that every test runs on: {@code template.yaml} is compared with {@link Tables}.
 */
class TablesOfTheTemplateTest {
  private static final Tables TABLES = Tables.withPrefix("${AWS::StackName}-");

  /**
   * The shape of a table.
   *
   * @param attributes the types of its key attributes, by their names
   * @param keys its partition key and sort key
   * @param indexes the keys of its local indexes and what they contain beside keys, by their names
   */
  private record Shape(Map<String, String> attributes, List<String> keys, Map<String, String> indexes) {}

  private static JsonNode template() throws IOException {
    return new ObjectMapper(new YAMLFactory()).readTree(Path.of("..", "template.yaml").toFile());
  }

  private static Map<String, JsonNode> tablesOfTheTemplate() throws IOException {
    var tables = new TreeMap<String, JsonNode>();
    template().path("Resources").forEach(resource -> {
      if (!resource.path("Type").asText().equals("AWS::DynamoDB::Table")) return;
      tables.put(resource.at("/Properties/TableName").asText(), resource);
    });
    return tables;
  }

  @Test
  void everyTableHasTheShapeThatTheCodeCounts() throws IOException {
    var written = new TreeMap<String, Shape>();
    tablesOfTheTemplate().forEach((name, table) -> written.put(name, shape(table.path("Properties"))));
    var counted = new TreeMap<String, Shape>();
    TABLES.creations().forEach(creation -> counted.put(creation.tableName(), shape(creation)));
    assertThat(written).isEqualTo(counted);
  }

  @Test
  void everyTableThatTheCodeGivesATimeToLiveIsCleaned() throws IOException {
    var cleaned = new TreeSet<String>();
    tablesOfTheTemplate().forEach((name, table) -> {
      var cleaning = table.at("/Properties/TimeToLiveSpecification");
      assertThat(cleaning.path("Enabled").asBoolean()).as(name).isTrue();
      cleaned.add(name + " " + cleaning.path("AttributeName").asText());
    });
    assertThat(TABLES.timesToLive()).extracting(
        request -> request.tableName() + " " + request.timeToLiveSpecification().attributeName())
        .containsExactlyInAnyOrderElementsOf(cleaned);
  }

  @Test
  void everyTableIsEncryptedAndRestorableAndAllButTheSessionsOutliveTheStack() throws IOException {
    tablesOfTheTemplate().forEach((name, table) -> {
      var properties = table.path("Properties");
      assertThat(properties.at("/SSESpecification/SSEEnabled").asBoolean()).as(name).isTrue();
      assertThat(properties.at("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled").asBoolean()).as(name)
          .isTrue();
      boolean stays = !name.equals(TABLES.sessions());
      assertThat(List.of(table.path("DeletionPolicy").asText(), table.path("UpdateReplacePolicy").asText())).as(name)
          .containsOnly(stays ? "Retain" : "Delete");
      assertThat(properties.has("DeletionProtectionEnabled")).as(name).isEqualTo(stays);
    });
  }

  private static Shape shape(JsonNode properties) {
    var attributes = new TreeMap<String, String>();
    properties.path("AttributeDefinitions")
        .forEach(one -> attributes.put(one.path("AttributeName").asText(), one.path("AttributeType").asText()));
    var indexes = new TreeMap<String, String>();
    properties.path("LocalSecondaryIndexes").forEach(index -> indexes.put(index.path("IndexName").asText(),
        keys(index.path("KeySchema")) + " " + index.at("/Projection/ProjectionType").asText()));
    assertThat(properties.has("GlobalSecondaryIndexes")).isFalse();
    return new Shape(attributes, keys(properties.path("KeySchema")), indexes);
  }

  private static List<String> keys(JsonNode schema) {
    return schema.valueStream().map(key -> key.path("AttributeName").asText() + " " + key.path("KeyType").asText())
        .toList();
  }

  private static Shape shape(CreateTableRequest creation) {
    var attributes = new TreeMap<String, String>();
    creation.attributeDefinitions().forEach(one -> attributes.put(one.attributeName(), one.attributeTypeAsString()));
    var indexes = new TreeMap<String, String>();
    creation.localSecondaryIndexes().forEach(index -> indexes.put(index.indexName(),
        keys(index.keySchema()) + " " + index.projection().projectionTypeAsString()));
    return new Shape(attributes, keys(creation.keySchema()), indexes);
  }

  private static List<String> keys(List<KeySchemaElement> schema) {
    return schema.stream().map(key -> key.attributeName() + " " + key.keyTypeAsString()).toList();
  }
}
