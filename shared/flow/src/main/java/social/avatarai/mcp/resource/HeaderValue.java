package social.avatarai.mcp.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;

/** Encodes a text for an HTTP header (MCP 2026-07-28, streamable HTTP, value encoding). Pure. */
final class HeaderValue {
  private static final String PREFIX = "=?base64?";
  private static final String SUFFIX = "?=";

  private HeaderValue() {}

  /** Plain ASCII without blanks at its ends stays as it is; every other text becomes base64, with a mark. */
  static String of(String text) {
    boolean marked = text.startsWith(PREFIX) && text.endsWith(SUFFIX);
    if (isPlain(text) && !marked) return text;
    return PREFIX + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)) + SUFFIX;
  }

  private static boolean isPlain(String text) {
    return text.equals(text.strip()) && text.chars().allMatch(c -> c >= 0x20 && c <= 0x7e);
  }
}
