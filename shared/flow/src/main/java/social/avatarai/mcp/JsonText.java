package social.avatarai.mcp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.POJONode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * Writes JSON trees. A tree's own {@code toString()} writes the same text through Jackson's {@code ObjectMapper}, whose
 * first use loads 250 classes more: a cold start pays for them.
 */
public final class JsonText {
  private static final JsonFactory FACTORY = new JsonFactory();

  private JsonText() {}

  public static String of(JsonNode tree) {
    var text = new StringWriter();
    try (var out = FACTORY.createGenerator(text)) {
      write(tree, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Memory does not fail in this way.
    }
    return text.toString();
  }

  /** The text in UTF-8. */
  public static byte[] bytes(JsonNode tree) {
    var bytes = new ByteArrayOutputStream();
    try (var out = FACTORY.createGenerator(bytes)) {
      write(tree, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonNode value, JsonGenerator out) throws IOException {
    switch (value.getNodeType()) {
      case OBJECT -> writeObject(value, out);
      case ARRAY -> writeArray(value, out);
      case STRING -> out.writeString(value.textValue());
      case NUMBER -> writeNumber(value, out);
      case BOOLEAN -> out.writeBoolean(value.booleanValue());
      case NULL -> out.writeNull();
      // A number or a truth value. Jackson refuses all else, because the generator has no mapper.
      case POJO -> out.writePOJO(((POJONode) value).getPojo());
      case BINARY, MISSING -> throw new IllegalArgumentException("no JSON value: " + value.getNodeType());
    }
  }

  private static void writeObject(JsonNode object, JsonGenerator out) throws IOException {
    out.writeStartObject();
    for (var member : object.properties()) {
      out.writeFieldName(member.getKey());
      write(member.getValue(), out);
    }
    out.writeEndObject();
  }

  private static void writeArray(JsonNode array, JsonGenerator out) throws IOException {
    out.writeStartArray();
    for (JsonNode element : array)
      write(element, out);
    out.writeEndArray();
  }

  private static void writeNumber(JsonNode number, JsonGenerator out) throws IOException {
    switch (number.numberType()) {
      case INT -> out.writeNumber(number.intValue());
      case LONG -> out.writeNumber(number.longValue());
      case BIG_INTEGER -> out.writeNumber(number.bigIntegerValue());
      case FLOAT -> out.writeNumber(number.floatValue());
      case DOUBLE -> out.writeNumber(number.doubleValue());
      case BIG_DECIMAL -> out.writeNumber(number.decimalValue());
    }
  }
}
