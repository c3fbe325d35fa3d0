package social.avatarai.mcp.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON into trees, token by token, like Jackson's {@code ObjectMapper}, whose first use costs a cold start 0.2 s.
 * Numbers keep all their digits.
 */
final class JsonTree {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private JsonTree() {}

  /** A factory of parsers that refuse duplicate names, and values that are nested deeper than this. */
  static JsonFactory strict(int depth) {
    return JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(depth).build()).build();
  }

  /** The only value of these bytes; null if there is none. Something behind the value is a fault. */
  static @Nullable JsonNode only(JsonParser parser) throws IOException {
    JsonNode value = next(parser);
    if (value != null && parser.nextToken() != null) throw new JsonParseException(parser, "a second value");
    return value;
  }

  /** The value at which the parser stands, or else the next one; null at the end. What follows is not read. */
  static @Nullable JsonNode next(JsonParser parser) throws IOException {
    var token = parser.currentToken();
    if (token == null) token = parser.nextToken();
    if (token == null) return null;
    JsonNode value = value(parser, token);
    parser.clearCurrentToken();
    return value;
  }

  private static JsonNode value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> TextNode.valueOf(parser.getText());
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> DecimalNode.valueOf(parser.getDecimalValue());
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> NullNode.instance;
      default -> throw new IllegalStateException("no value begins with " + token);
    };
  }

  private static ObjectNode object(JsonParser parser) throws IOException {
    var object = NODES.objectNode();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName())
      object.set(name, value(parser, parser.nextToken()));
    return object;
  }

  private static ArrayNode array(JsonParser parser) throws IOException {
    var array = NODES.arrayNode();
    for (var token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken())
      array.add(value(parser, token));
    return array;
  }

  private static JsonNode integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      default -> NODES.numberNode(parser.getBigIntegerValue());
    };
  }
}
