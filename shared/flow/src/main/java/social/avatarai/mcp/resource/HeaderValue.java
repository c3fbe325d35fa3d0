package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Optional;

/** A text in an HTTP header (MCP 2026-07-28, streamable HTTP, value encoding). Pure. */
public final class HeaderValue {
  private static final String PREFIX = "=?base64?";
  private static final String SUFFIX = "?=";

  private HeaderValue() {}

  /** Plain ASCII without blanks at its ends stays as it is; every other text becomes base64, with a mark. */
  static String of(String text) {
    boolean marked = text.startsWith(PREFIX) && text.endsWith(SUFFIX);
    if (isPlain(text) && !marked) return text;
    return PREFIX + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)) + SUFFIX;
  }

  /** The text of a header; empty where the header is malformed. */
  public static Optional<String> read(String header) {
    if (!header.chars().allMatch(c -> isVisible(c) || c == '\t')) return Optional.empty();
    if (!header.startsWith(PREFIX) || !header.endsWith(SUFFIX)) return Optional.of(header);
    if (header.length() < PREFIX.length() + SUFFIX.length()) return Optional.empty();
    try {
      byte[] text = Base64.getDecoder().decode(header.substring(PREFIX.length(), header.length() - SUFFIX.length()));
      return Optional.of(new String(text, UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean isPlain(String text) {
    return text.equals(text.strip()) && text.chars().allMatch(HeaderValue::isVisible);
  }

  private static boolean isVisible(int c) {
    return c >= 0x20 && c <= 0x7e;
  }
}
