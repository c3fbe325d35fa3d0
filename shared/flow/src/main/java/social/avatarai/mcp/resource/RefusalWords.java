package social.avatarai.mcp.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The words in which servers say that they do not know a session or a version. SDKs have different codes for this, and
 * gateways have none. The words are only searched, and never shown. Pure.
 */
final class RefusalWords {
  /** Characters of a refusal in which words are looked for. */
  static final int MAX_SEARCHED = 2000;
  private static final Pattern SESSION = Pattern.compile("session|uninitiali[sz]ed|not (yet |been )?initiali[sz]ed"
      + "|before initiali[sz]|initiali[sz]e first|initiali[sz]ation (is )?(required|not complete)");
  private static final Pattern VERSION = Pattern.compile("protocol[ _-]?version|unsupported (mcp )?version");
  private static final Pattern DATE = Pattern.compile("\\b20\\d\\d-\\d\\d-\\d\\d\\b");

  private final String words;

  private RefusalWords(String text) {
    words = text.substring(0, Math.min(text.length(), MAX_SEARCHED)).toLowerCase(Locale.ROOT);
  }

  /** The words of a JSON-RPC error (its message, and its data if that is a text), or of a text. */
  static RefusalWords of(JsonNode error) {
    return new RefusalWords(error.isTextual()
        ? error.textValue()
        : error.path("message").asText() + " " + error.path("data").asText());
  }

  boolean speakOfSession() {
    return SESSION.matcher(words).find();
  }

  boolean speakOfVersion() {
    return VERSION.matcher(words).find();
  }

  /** The versions that the words name, in no particular order. */
  Set<String> versions() {
    return Set.copyOf(DATE.matcher(words).results().map(MatchResult::group).distinct().toList());
  }

  /** The versions that an error lists as supported ({@code data.supported}); empty if it lists none. */
  static List<String> supported(JsonNode error) {
    return error.path("data").path("supported").valueStream().filter(JsonNode::isTextual).map(JsonNode::textValue)
        .toList();
  }
}
