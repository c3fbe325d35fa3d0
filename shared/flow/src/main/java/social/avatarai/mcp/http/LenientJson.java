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
import org.jspecify.annotations.Nullable;
import social.avatarai.mcp.http.SalvagedJson.Fault;

/** Reads the JSON value of a body with faults around it; see {@link SalvagedJson}. */
final class LenientJson {
  private static final JsonFactory FACTORY = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(Json.MAX_DEPTH + 1).build()).build();

  /** The most braces that are tried before a value is found. Warnings of PHP name a {@code {closure}}. */
  static final int MAX_BRACES = 8;
  /** The most braces behind the value that are tried for another one. */
  static final int MAX_BRACES_BEHIND = 100;

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
    return start < 0 ? scalar(text) : searched(text, start);
  }

  /**
   * Searches the text for an object: text around it may have braces too. An empty object says nothing, so it gives way
   * to another one.
   */
  private SalvagedJson searched(String text, int start) throws IOException {
    char[] characters = text.toCharArray();
    Found found = null;
    int at = start;
    for (int left = MAX_BRACES; at >= 0 && left > 0; left--) {
      var next = valueAt(characters, at);
      if (next.value() != null && (found == null || found.isEmpty())) {
        found = next;
        left = MAX_BRACES_BEHIND;
      } else if (found != null && next.contradicts(found)) {
        throw new AmbiguousException();
      }
      at = text.indexOf('{', next.to());
    }
    return found == null || found.value() == null ? new SalvagedJson.NoJson() : salvaged(found.value(), found, text);
  }

  private SalvagedJson salvaged(JsonNode value, Found found, String text) {
    if (!text.substring(0, found.from()).isBlank()) faults.add(Fault.TEXT_BEFORE);
    if (!text.substring(found.to()).isBlank()) faults.add(Fault.TEXT_BEHIND);
    return new SalvagedJson.Value(value, Set.copyOf(faults));
  }

  /**
   * What begins at a brace.
   *
   * @param value the value; null if it is text
   * @param from the place of the brace
   * @param to the end of the value, or the place up to which the text looked like one
   */
  private record Found(@Nullable JsonNode value, int from, int to) {
    boolean isEmpty() { return value == null || value.isEmpty(); }

    boolean contradicts(Found other) {
      return value != null && !value.isEmpty() && !value.equals(other.value);
    }
  }

  /** The search goes on behind the fault: an object within a broken or unfinished one is a part of it. */
  private Found valueAt(char[] text, int from) throws IOException {
    try (var parser = FACTORY.createParser(text, from, text.length - from)) {
      long zero = parser.currentLocation().getCharOffset();
      try {
        parser.nextToken();
        var value = node(parser, 1);
        return new Found(value, from, from + (int) (parser.currentLocation().getCharOffset() - zero));
      } catch (JsonProcessingException e) {
        int read = (int) (parser.currentLocation().getCharOffset() - zero);
        // The parser may have taken the brace that is the fault.
        return new Found(null, from, Math.max(from + 1, from + read - 1));
      }
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

  /** The text without a byte order mark. */
  private String text(byte[] bytes, Charset charset) {
    String text = decoded(bytes, charset);
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  /** JSON begins with an ASCII character, so a zero beside it shows UTF-16. */
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
