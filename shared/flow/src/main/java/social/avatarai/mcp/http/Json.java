package social.avatarai.mcp.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/** Reads JSON from other parties: limited depth, no duplicate names, nothing after the end, numbers with all digits. */
public final class Json {

  /** The maximum nesting depth. A JSON Schema takes two levels for each of its own, so 128 of those fit with room. */
  public static final int MAX_DEPTH = 300;
  /** For a body of many documents: one that is too deep must not make the others unreadable. */
  private static final int MAX_DEPTH_OF_DOCUMENTS = 600;

  private static final JsonFactory STRICT = JsonTree.strict(MAX_DEPTH);
  private static final JsonFactory OF_DOCUMENTS = JsonTree.strict(MAX_DEPTH_OF_DOCUMENTS);

  private static final JsonFactory OF_AWS = new JsonFactory();

  private Json() {}

  /**
   * The bytes as a JSON object that holds documents of others; empty if they are anything else. It may be nested up to
   * {@value #MAX_DEPTH_OF_DOCUMENTS} levels.
   */
  public static Optional<ObjectNode> objectOfDocuments(byte[] bytes) {
    return value(OF_DOCUMENTS, bytes).filter(ObjectNode.class::isInstance).map(ObjectNode.class::cast);
  }

  /** Why bytes are no {@link #objectOfDocuments}: a sentence in our own words. */
  public static String faultOfDocuments(byte[] bytes) {
    return new JsonFault(OF_DOCUMENTS, withoutByteOrderMark(bytes)).sentence();
  }

  /** Why bytes are no {@link #object}: a sentence in our own words. */
  public static String fault(byte[] bytes) {
    return new JsonFault(STRICT, withoutByteOrderMark(bytes)).sentence();
  }

  /** The bytes as a JSON object; empty if they are anything else. */
  public static Optional<ObjectNode> object(byte[] bytes) {
    return value(bytes).filter(ObjectNode.class::isInstance).map(ObjectNode.class::cast);
  }

  /** The bytes as any JSON value; empty if they are not JSON. */
  public static Optional<JsonNode> value(byte[] bytes) {
    return value(STRICT, bytes);
  }

  private static Optional<JsonNode> value(JsonFactory factory, byte[] bytes) {
    try (var parser = factory.createParser(withoutByteOrderMark(bytes))) {
      return Optional.ofNullable(JsonTree.only(parser));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The JSON of a response, or of an event in it, that cannot be asked for again: faults around the value are forgiven.
   */
  public static SalvagedJson salvaged(String text) {
    return LenientJson.read(text);
  }

  /** The JSON value that a service of AWS sends; a missing node if there is none. */
  public static JsonNode ofAws(InputStream text) throws IOException {
    try (var parser = OF_AWS.createParser(text)) {
      return Objects.requireNonNullElse(JsonTree.next(parser), MissingNode.getInstance());
    }
  }

  /** The value at which the parser stands. */
  static JsonNode value(JsonParser parser) throws IOException {
    return Objects.requireNonNull(JsonTree.next(parser));
  }

  public static ObjectNode newObject() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A member that is a non-empty string; empty if the member is absent, null, "" or of another type. */
  public static Optional<String> text(JsonNode object, String member) {
    return Optional.ofNullable(object.get(member)).filter(JsonNode::isTextual).map(JsonNode::textValue)
        .filter(text -> !text.isEmpty());
  }

  private static byte[] withoutByteOrderMark(byte[] bytes) {
    boolean marked = bytes.length >= 3 && (bytes[0] & 0xff) == 0xef && (bytes[1] & 0xff) == 0xbb
        && (bytes[2] & 0xff) == 0xbf;
    return marked ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
  }
}
