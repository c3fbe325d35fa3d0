package social.avatarai.mcp.token;

import social.avatarai.mcp.Unguessable;

/**
 * One consent's grant, told apart from the next one on the same connection: versions are counted within it.
 *
 * @param value random text
 */
public record GrantId(String value) {
  public static GrantId fresh() {
    return new GrantId(Unguessable.text());
  }
}
