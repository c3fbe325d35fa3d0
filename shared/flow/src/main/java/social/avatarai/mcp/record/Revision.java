package social.avatarai.mcp.record;

import java.util.regex.Pattern;
import social.avatarai.mcp.Unguessable;

/**
 * Identifies what a user has decided in a server record: each write of it has a revision of its own. A note of the
 * status, of an error or of the protocol keeps the revision.
 *
 * @param value what an {@code ETag} may hold between its quotes (RFC 9110 §8.8.3)
 */
public record Revision(String value) {
  private static final Pattern FORM = Pattern.compile("[\\x21\\x23-\\x7e\\x80-\\xff]*");

  /** The revision of a record that an earlier release has written. */
  public static final Revision EARLIER = new Revision("earlier");

  public Revision {
    if (!FORM.matcher(value).matches()) throw new IllegalArgumentException("is not a revision");
  }

  public static Revision fresh() {
    return new Revision(Unguessable.text());
  }
}
