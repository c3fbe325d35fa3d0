package social.avatarai.mcp.token;

import social.avatarai.mcp.Unguessable;

/**
 * The mark of one write, the same for every try. The store writes the mark into the row, so that a second try
 * recognises a first one whose response got lost.
 *
 * @param value random text
 */
public record WriteMark(String value) {
  public static WriteMark fresh() {
    return new WriteMark(Unguessable.text());
  }
}
