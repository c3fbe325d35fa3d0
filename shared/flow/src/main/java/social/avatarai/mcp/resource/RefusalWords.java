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
  private static final String NO_HANDSHAKE = "uninitiali[sz]ed|not (yet |been )?initiali[sz]ed"
      + "|before initiali[sz]|initiali[sz]e first|initiali[sz]ation (is )?(required|not complete)";
  private static final String UNSUPPORTED_VERSION = "unsupported (mcp )?version";
  private static final String PROTOCOL_VERSION = "protocol[ _-]?version";
  private static final Pattern SESSION = Pattern.compile("session|" + NO_HANDSHAKE);
  private static final Pattern VERSION = Pattern.compile(PROTOCOL_VERSION + "|" + UNSUPPORTED_VERSION);
  private static final String SUBJECT = "(session|" + PROTOCOL_VERSION + ")";
  private static final Pattern REFUSED = Pattern.compile(NO_HANDSHAKE + "|" + UNSUPPORTED_VERSION
      + "|\\b(no|invalid|unknown|unrecogni[sz]ed|expired|missing|stale|unsupported|not f(i|ou)nd|require[ds]?)\\b.{0,30}?"
      + SUBJECT + "|" + SUBJECT + ".{0,40}?\\b(not (found|valid|exist|supported|recogni[sz]ed|provided|active|known|set"
      + "|present)|no longer|invalid|unknown|unsupported|expired|missing|required|must|terminated|closed|mismatch)\\b",
      Pattern.DOTALL);
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

  /** Whether the words say that the server does not know the session or the version, or misses one of them. */
  boolean refuseAgreement() {
    return REFUSED.matcher(words).find();
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
