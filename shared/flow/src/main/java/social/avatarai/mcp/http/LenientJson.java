package social.avatarai.mcp.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.util.EnumSet;
import java.util.Set;
import social.avatarai.mcp.http.SalvagedJson.Fault;

/** Reads the JSON value of a body with faults around it; see {@link SalvagedJson}. */
final class LenientJson {
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(Json.MAX_DEPTH + 1).build()).build();

  private final Set<Fault> faults = EnumSet.noneOf(Fault.class);

  private LenientJson() {}

  /** Two values for one name. */
  private static final class AmbiguousException extends IOException {}

  private static final class TooDeepException extends IOException {}

  /**
   * The JSON value of these bytes.
   *
   * @param charset what the sender says of the bytes; it counts only if they are not in UTF-8 or UTF-16
   */
  static SalvagedJson read(byte[] bytes, Charset charset) {
    var reading = new LenientJson();
    return reading.salvaged(reading.text(bytes, charset));
  }

  /** The JSON value of this text. */
  static SalvagedJson read(String text) {
    return new LenientJson().salvaged(text);
  }

  private SalvagedJson salvaged(String text) {
    try {
      return value(text);
    } catch (AmbiguousException e) {
      return new SalvagedJson.Ambiguous();
    } catch (TooDeepException e) {
      return new SalvagedJson.TooDeep();
    } catch (IOException e) {
      return new SalvagedJson.NoJson();
    }
  }

  private SalvagedJson value(String text) throws IOException {
    int start = start(text);
    if (start < 0) return scalar(text);
    if (!text.substring(0, start).isBlank()) faults.add(Fault.TEXT_BEFORE);
    var first = valueAt(text.substring(start));
    requireNoOther(first);
    return new SalvagedJson.Value(first.value(), Set.copyOf(faults));
  }

  /** A value, and the text behind it. */
  private record Leading(JsonNode value, String behind) {}

  private Leading valueAt(String text) throws IOException {
    try (var parser = FACTORY.createParser(text)) {
      parser.nextToken();
      var value = node(parser, 1);
      return new Leading(value, text.substring((int) parser.currentLocation().getCharOffset()).strip());
    }
  }

  /** The first brace, or a bracket at the very beginning: brackets are usual in text before a value. */
  private static int start(String text) {
    int first = 0;
    while (first < text.length() && Character.isWhitespace(text.charAt(first)))
      first++;
    boolean isArray = first < text.length() && text.charAt(first) == '[';
    boolean isString = first < text.length() && text.charAt(first) == '"';
    return isString ? -1 : isArray ? first : text.indexOf('{');
  }

  /** Any other JSON value. Some servers put the JSON of their response into a JSON string. */
  private SalvagedJson scalar(String text) {
    var value = Json.value(text.getBytes(UTF_8));
    if (value.isEmpty()) return new SalvagedJson.NoJson();
    String inner = value.get().isTextual() ? value.get().textValue().strip() : "";
    if (!inner.startsWith("{")) return new SalvagedJson.Value(value.get(), Set.copyOf(faults));
    faults.add(Fault.JSON_IN_A_STRING);
    return salvaged(inner);
  }

  /** Text behind the value is skipped. Another object, which says something else, is not. */
  private void requireNoOther(Leading first) throws IOException {
    if (!first.behind().isEmpty()) faults.add(Fault.TEXT_BEHIND);
    if (!first.behind().startsWith("{")) return;
    var second = other(first.behind());
    if (!second.value().equals(first.value()) || second.behind().startsWith("{")) throw new AmbiguousException();
  }

  private Leading other(String text) throws IOException {
    try {
      return valueAt(text);
    } catch (JsonProcessingException e) {
      throw new AmbiguousException();
    }
  }

  private JsonNode node(JsonParser parser, int depth) throws IOException {
    boolean isContainer = parser.currentToken() == JsonToken.START_OBJECT
        || parser.currentToken() == JsonToken.START_ARRAY;
    if (isContainer && depth > Json.MAX_DEPTH) throw new TooDeepException();
    if (parser.currentToken() == JsonToken.START_OBJECT) return object(parser, depth);
    if (parser.currentToken() != JsonToken.START_ARRAY) return Json.value(parser);
    var array = JsonNodeFactory.instance.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY)
      array.add(node(parser, depth + 1));
    return array;
  }

  private ObjectNode object(JsonParser parser, int depth) throws IOException {
    var object = Json.newObject();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      var value = node(parser, depth + 1);
      var earlier = object.get(name);
      if (earlier != null && !earlier.equals(value)) throw new AmbiguousException();
      if (earlier != null) faults.add(Fault.REPEATED_NAME);
      object.set(name, value);
    }
    return object;
  }

  /** JSON begins with an ASCII character, so zeros beside it show UTF-16. */
  private String text(byte[] bytes, Charset charset) {
    String text = decoded(bytes, charset);
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private String decoded(byte[] bytes, Charset charset) {
    int first = bytes.length < 2 ? -1 : ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
    if (first == 0xfeff || (first >= 0 && first < 0x100)) return inCharset(bytes, UTF_16BE);
    if (first == 0xfffe || (first >= 0 && (first & 0xff) == 0)) return inCharset(bytes, UTF_16LE);
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return inCharset(bytes, charset.equals(UTF_8) ? ISO_8859_1 : charset);
    }
  }

  private String inCharset(byte[] bytes, Charset charset) {
    faults.add(Fault.CHARSET);
    return new String(bytes, charset);
  }
}
