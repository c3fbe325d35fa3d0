package social.avatarai.mcp;

import java.util.regex.Pattern;

/**
 * A token, a key or the value of a header that a user has entered for an MCP server. It is sent to that server's origin
 * only.
 */
public final class EnteredSecret extends Secret {
  private static final Pattern ADDRESS = Pattern.compile("https?://[A-Za-z0-9.:-]+/?");

  public EnteredSecret(String value) {
    super(value);
  }

  /**
   * Whether a value is the address of a site and nothing else. Some servers want to know in a header which of the
   * user's sites to work with, and their results link to that site.
   */
  static boolean isAddress(String value) {
    return ADDRESS.matcher(value).matches();
  }
}
