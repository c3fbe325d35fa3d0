package social.avatarai.mcp.record;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Tells by the name of a member or a variable whether its value may be a secret: one of its words says so, such as in
 * {@code apiKey}, {@code x-api-key} or {@code private_key}. A word that only contains such a word, such as
 * {@code keyboard} or {@code tokenizer}, does not.
 */
public final class SecretName {
  /** Between the words of a name: capitals, and every character that is no letter. */
  private static final Pattern BORDER = Pattern.compile(
      "[^\\p{L}]+|(?<=\\p{Ll})(?=\\p{Lu})|(?<=\\p{Lu})(?=\\p{Lu}\\p{Ll})");
  private static final Pattern WORD = Pattern.compile(
      "secrets?|tokens?|passw.*|pwd|passphrases?|pass|keys?|jwts?|assertions?|credentials?|pem|bearer|cookies?|pat|dsn");
  /** Words written together, such as {@code apikey}. */
  private static final Pattern TOGETHER = Pattern.compile(
      ".*(secrets?|tokens?|passwords?|passwd|passphrases?|credentials?|cookies?)"
          + "|.*(api|app|access|auth|client|consumer|encryption|license|master|private|secret|service|session|shared|"
          + "signing|ssh|subscription|user)keys?");
  private static final Set<String> HARMLESS = Set.of("token_endpoint_auth_method", "token_type", "has_client_secret",
      "token_endpoint");

  private SecretName() {}

  public static boolean is(String name) {
    if (HARMLESS.contains(name)) return false;
    var words = BORDER.splitAsStream(name).filter(word -> !word.isEmpty()).map(word -> word.toLowerCase(Locale.ROOT))
        .toList();
    return IntStream.range(0, words.size()).anyMatch(at -> isSecret(words, at))
        || TOGETHER.matcher(String.join("", words)).matches();
  }

  private static boolean isSecret(List<String> words, int at) {
    String word = words.get(at);
    boolean publicKey = word.startsWith("key") && at > 0 && words.get(at - 1).equals("public");
    return !publicKey && (WORD.matcher(word).matches() || TOGETHER.matcher(word).matches());
  }
}
