package social.avatarai.mcp.discovery;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import social.avatarai.mcp.InvocationSecrets;
import social.avatarai.mcp.Scopes;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110 §11.6.1).
 *
 * @param scheme lower case
 * @param parameters values by name in lower case; a repeated name keeps all values
 */
public record Challenge(String scheme, Map<String, List<String>> parameters) {

  /**
   * The challenge that we use: the first Bearer challenge, else the first DPoP challenge.
   */
  public static Optional<Challenge> answerable(List<String> headerLines) {
    var all = headerLines.stream().flatMap(line -> new ChallengeReader(line).read().stream()).toList();
    return all.stream().filter(c -> c.scheme.equals("bearer")).findFirst()
        .or(() -> all.stream().filter(c -> c.scheme.equals("dpop")).findFirst());
  }

  /** The values of {@code resource_metadata} (RFC 9728 §5.1), without repetitions. */
  public List<String> resourceMetadata() {
    return values("resource_metadata").stream().distinct().toList();
  }

  /** The scopes that the server asks for (RFC 6750 §3), without invalid tokens. */
  public Scopes scope() {
    return Scopes.lenient(values("scope").stream().flatMap(s -> List.of(s.strip().split(" +")).stream()).toList());
  }

  /** Whether the server says that the token has ended or is unknown (RFC 6750 §3.1). */
  public boolean isInvalidToken() {
    return values("error").contains("invalid_token");
  }

  public boolean isInsufficientScope() { return values("error").contains("insufficient_scope"); }

  /** Whether a secret of this invocation is in the challenge. */
  boolean holdsSecret() {
    return InvocationSecrets.isIn(String.join(" ", parameters.keySet()))
        || parameters.values().stream().flatMap(List::stream).anyMatch(InvocationSecrets::isIn);
  }

  private List<String> values(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /**
   * Reads one header line in one pass.
   *
   * <p>Rule: RFC 9110 §11.2. Deviation: blanks around "=", single quotes and unquoted values are accepted, and stray
   * words are skipped. Forced by: real servers. Still strict: text inside quotes is never read as another parameter.
   */
  private static final class ChallengeReader {
    private static final String SEPARATORS = " \t,=\"";
    private final String line;
    private final List<Challenge> challenges = new ArrayList<>();
    private int at;

    ChallengeReader(String line) {
      this.line = line;
    }

    List<Challenge> read() {
      while (skip(SEPARATORS)) {
        boolean first = isFirst();
        String word = word(SEPARATORS).toLowerCase(Locale.ROOT);
        skip(" \t");
        if (at < line.length() && line.charAt(at) == '=') {
          at++;
          skip(" \t");
          add(word, value());
        } else if (first) {
          challenges.add(new Challenge(word, new LinkedHashMap<>()));
        }
      }
      return challenges;
    }

    /**
     * Whether a list element begins here. A scheme is only at the beginning; a token68 or a stray word may be
     * elsewhere.
     */
    private boolean isFirst() {
      int before = at - 1;
      while (before >= 0 && " \t".indexOf(line.charAt(before)) >= 0)
        before--;
      return before < 0 || line.charAt(before) == ',';
    }

    private void add(String name, String value) {
      if (challenges.isEmpty()) return;
      challenges.getLast().parameters.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    private String value() {
      if (at >= line.length()) return "";
      char first = line.charAt(at);
      return first == '"' || first == '\'' ? quoted(first) : word(" \t,");
    }

    private String quoted(char quote) {
      var text = new StringBuilder();
      for (at++; at < line.length(); at++) {
        char c = line.charAt(at);
        if (c == quote) {
          at++;
          break;
        }
        if (c == '\\' && at + 1 < line.length()) c = line.charAt(++at);
        text.append(c);
      }
      return text.toString();
    }

    private String word(String ends) {
      int start = at;
      while (at < line.length() && ends.indexOf(line.charAt(at)) < 0)
        at++;
      return line.substring(start, at);
    }

    /** Skips these characters. Returns false at the end of the line. */
    private boolean skip(String characters) {
      while (at < line.length() && characters.indexOf(line.charAt(at)) >= 0)
        at++;
      return at < line.length();
    }
  }
}
