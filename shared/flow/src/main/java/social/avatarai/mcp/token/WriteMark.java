package social.avatarai.mcp.token;

import social.avatarai.mcp.Unguessable;

/**
 * The mark of one write, the same for every try of it. The store leaves the mark in the row, so that a second try recognises
 * the first one, whose response got lost.
 *
 * @param value random text
 */
public record WriteMark(String value) {
  public static WriteMark fresh() {
    return new WriteMark(Unguessable.text());
  }
}
