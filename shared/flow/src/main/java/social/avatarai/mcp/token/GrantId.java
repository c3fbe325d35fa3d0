package social.avatarai.mcp.token;

import social.avatarai.mcp.Unguessable;

/**
 * Identifies the grant of one consent. The next consent on the same connection has another id. Versions count per id.
 *
 * @param value random text
 */
public record GrantId(String value) {
  public static GrantId fresh() {
    return new GrantId(Unguessable.text());
  }
}
