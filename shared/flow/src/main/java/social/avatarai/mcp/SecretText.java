package social.avatarai.mcp;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes one secret out of texts. The time grows with the length of the text alone, whatever text and secret are: both
 * may come from an attacker. So what depends on the secret alone is computed once, and a text that is shorter than the
 * secret is not searched.
 *
 * <p>The secret is found as it is, with characters in percent-encoding (RFC 3986 §2.1) and with characters in JSON
 * escapes, because a text is often JSON in JSON. Other encodings are not found: a server that wants to hide a secret
 * can.
 */
final class SecretText {
  /** A shorter part of a secret may be in a log line. It says little about the secret. */
  private static final int PART_LENGTH = 16;
  private static final int ANCHOR_LENGTH = 24;
  /** These characters look the same in every usual encoding. */
  private static final Pattern UNRESERVED = Pattern.compile("[A-Za-z0-9._-]+");

  /** How the characters of a text are read. */
  private enum Reading {
    PLAIN, DECODED
  }

  private final String value;
  /** A piece of the secret. A text without it is left alone, so most texts are only searched for this piece. */
  private final String anchor;
  /** How far the search for the anchor may go on, by the hash of the two characters that it has just read. */
  private final byte[] steps = new byte[256];
  /** See {@link #borders}. Null until a text has the anchor in it. */
  private volatile int @Nullable [] borders;

  SecretText(String value) {
    this.value = value;
    String longest = UNRESERVED.matcher(value).results().map(run -> run.group())
        .reduce("", (a, b) -> a.length() >= b.length() ? a : b);
    // The end of a token is rarer than its beginning, which all tokens of an issuer may share.
    this.anchor = longest.substring(Math.max(0, longest.length() - ANCHOR_LENGTH));
    Arrays.fill(steps, (byte) Math.max(1, anchor.length() - 1));
    for (int end = 1; end < anchor.length(); end++)
      steps[hash(anchor, end)] = (byte) (anchor.length() - 1 - end);
  }

  /**
   * Whether the secret may be in this text. If not, it is certainly not in a text whose JSON form this is: no character
   * of the anchor is escaped in JSON. The search is that of Horspool, which looks at few characters of the text.
   */
  boolean mayBeIn(String text) {
    if (anchor.length() < 2) return text.contains(anchor);
    int last = anchor.length() - 1;
    for (int end = last; end < text.length();) {
      int step = steps[hash(text, end)];
      if (step == 0 && text.startsWith(anchor, end - last)) return true;
      end += Math.max(1, step);
    }
    return false;
  }

  private static int hash(String text, int end) {
    return (text.charAt(end - 1) * 31 + text.charAt(end)) & 0xff;
  }

  /** The text with {@link InvocationSecrets#MARK} in place of the secret; the same object if the secret is not in it. */
  String takeOutOf(String text) {
    // No encoding of the secret is shorter than the secret.
    if (text.length() < value.length() || !mayBeIn(text)) return text;
    return search(search(text, Reading.PLAIN), Reading.DECODED);
  }

  /**
   * The text with the mark in place of each part of the secret of at least {@value #PART_LENGTH} characters. Only for
   * short texts.
   */
  String takePartsOutOf(String text) {
    var clean = new StringBuilder();
    int kept = 0;
    for (int at = 0; at + PART_LENGTH <= text.length();) {
      int end = at + PART_LENGTH;
      if (!value.contains(text.substring(at, end))) {
        at++;
        continue;
      }
      while (end < text.length() && value.contains(text.substring(at, end + 1)))
        end++;
      clean.append(text, kept, at).append(InvocationSecrets.MARK);
      kept = end;
      at = end;
    }
    return kept == 0 ? text : clean.append(text, kept, text.length()).toString();
  }

  /** The search of Knuth, Morris and Pratt, which reads each character of the text once. */
  private String search(String text, Reading reading) {
    int[] borders = borders();
    int[] starts = new int[value.length()];
    var clean = new StringBuilder();
    int kept = 0;
    int matched = 0;
    int slot = 0;
    int width;
    for (int at = 0; at < text.length(); at += width) {
      width = width(text, at, reading);
      char read = character(text, at, width);
      starts[slot] = at;
      slot = slot + 1 == starts.length ? 0 : slot + 1;
      while (matched > 0 && value.charAt(matched) != read)
        matched = borders[matched - 1];
      if (value.charAt(matched) == read) matched++;
      if (matched < value.length()) continue;
      clean.append(text, kept, starts[slot]).append(InvocationSecrets.MARK);
      kept = at + width;
      matched = 0;
    }
    return kept == 0 ? text : clean.append(text, kept, text.length()).toString();
  }

  /** For each beginning of the secret: the length of the longest shorter beginning with which it ends. */
  private int[] borders() {
    int[] known = borders;
    if (known != null) return known;
    int[] found = new int[value.length()];
    for (int end = 1, length = 0; end < found.length; end++) {
      while (length > 0 && value.charAt(end) != value.charAt(length))
        length = found[length - 1];
      if (value.charAt(end) == value.charAt(length)) length++;
      found[end] = length;
    }
    borders = found;
    return found;
  }

  /** How many characters of the text stand for one: 3 for {@code %2F}, 6 for a Unicode escape, 2 for another escape. */
  private static int width(String text, int at, Reading reading) {
    char first = text.charAt(at);
    if (reading == Reading.PLAIN || (first != '%' && first != '\\')) return 1;
    if (first == '%') return isHex(text, at + 1, 2) ? 3 : 1;
    if (at + 1 == text.length()) return 1;
    return text.charAt(at + 1) == 'u' && isHex(text, at + 2, 4) ? 6 : 2;
  }

  private static char character(String text, int at, int width) {
    return switch (width) {
      case 1 -> text.charAt(at);
      case 2 -> text.charAt(at + 1);
      case 3 -> (char) Integer.parseInt(text, at + 1, at + 3, 16);
      default -> (char) Integer.parseInt(text, at + 2, at + 6, 16);
    };
  }

  private static boolean isHex(String text, int at, int length) {
    if (at + length > text.length()) return false;
    for (int i = at; i < at + length; i++)
      if (Character.digit(text.charAt(i), 16) < 0 || text.charAt(i) > 'f') return false;
    return true;
  }
}
