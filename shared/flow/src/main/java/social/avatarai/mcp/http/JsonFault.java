package social.avatarai.mcp.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why a body is no JSON object, and where. The body is parsed again for this. Nothing of it is repeated, because it may
 * hold secrets.
 */
final class JsonFault {
  /** Where in a document of many the parser has stopped. */
  private static final Pattern PLACE = Pattern.compile("/servers/([0-9]+)(/.*)?");

  private final JsonFactory factory;
  private final byte[] body;

  /**
   * @param factory the factory of the parser that has refused the body
   * @param body the body
   */
  JsonFault(JsonFactory factory, byte[] body) {
    this.factory = factory;
    this.body = body;
  }

  String sentence() {
    try (var parser = parser(false)) {
      return sentence(parser);
    } catch (IOException e) {
      return "The body is not JSON.";
    }
  }

  private String sentence(JsonParser parser) throws IOException {
    try {
      if (!isObject(JsonTree.only(parser))) return "The body is not a JSON object.";
    } catch (StreamConstraintsException e) {
      int depth = parser.streamReadConstraints().getMaxNestingDepth();
      return parser.getParsingContext().getNestingDepth() >= depth
          ? "The body is nested deeper than " + depth + " levels" + place(parser)
          : "The body has a name or a number that is too long" + place(parser);
    } catch (IOException e) {
      return "The body is not JSON" + place(parser);
    }
    // Without a second look at the names, nothing is wrong.
    try (var strict = parser(true)) {
      return repeated(strict);
    }
  }

  private String repeated(JsonParser strict) {
    try {
      var _ = JsonTree.only(strict);
    } catch (IOException e) {
      return "The body has two members with one name in one object" + place(strict);
    }
    return "The body has something behind its JSON object.";
  }

  private JsonParser parser(boolean strict) throws IOException {
    return factory.createParser(body).configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature(), strict);
  }

  private static boolean isObject(@Nullable JsonNode node) {
    return node != null && node.isObject();
  }

  private static String place(JsonParser parser) {
    var at = parser.currentLocation();
    var matcher = PLACE.matcher(parser.getParsingContext().pathAsPointer().toString());
    String record = matcher.matches() ? ", in the record servers[" + matcher.group(1) + "]" : "";
    return record + " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ").";
  }
}
