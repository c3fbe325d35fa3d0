package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/** How the stateless wire carries a text in a header (MCP 2026-07-28, streamable HTTP, value encoding). Pure. */
final class HeaderValue {
  private static final String PREFIX = "=?base64?";
  private static final String SUFFIX = "?=";

  private HeaderValue() {}

  /** As it is where it is plain ASCII without blanks at its ends; else in base64, marked as such. */
  static String of(String text) {
    boolean marked = text.startsWith(PREFIX) && text.endsWith(SUFFIX);
    if (isPlain(text) && !marked) return text;
    return PREFIX + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)) + SUFFIX;
  }

  private static boolean isPlain(String text) {
    return text.equals(text.strip()) && text.chars().allMatch(c -> c >= 0x20 && c <= 0x7e);
  }
}
