package social.avatarai.mcp.lambda;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import social.avatarai.mcp.ErrorCode;
import social.avatarai.mcp.Failure;
import social.avatarai.mcp.record.Precondition;
import social.avatarai.mcp.record.Revision;

/**
 * Entity tags of server records, and the headers that make a request depend on them (RFC 9110 §8.8.3, §13.1).
 *
 * <p>Not supported, and refused rather than ignored: weak tags, which no write may depend on (RFC 9110 §13.1.1), and a
 * list of tags in {@code If-None-Match}.
 */
public final class EntityTags {
  private static final int MAX_TAGS = 20;
  private static final String TAG = "\"([\\x21\\x23-\\x7e\\x80-\\xff]*+)\"";
  /** A list of strong tags. Empty elements are allowed (RFC 9110 §5.6.1.2). */
  private static final Pattern LIST = Pattern
      .compile("[ \\t,]*+" + TAG + "(?:[ \\t]*+,[ \\t,]*+" + TAG + ")*+[ \\t,]*+");
  private static final Pattern ONE = Pattern.compile(TAG);

  private EntityTags() {}

  /** The strong tag of a record. */
  public static String of(Revision revision) {
    return '"' + revision.value() + '"';
  }

  /** What the headers {@code If-Match} and {@code If-None-Match} of a request demand. */
  public static Precondition precondition(Request request) {
    var match = request.header("if-match").map(String::strip);
    var noneMatch = request.header("if-none-match").map(String::strip);
    if (match.isPresent() && noneMatch.isPresent()) throw bad("If-Match and If-None-Match exclude each other.");
    if (noneMatch.isPresent()) {
      if (noneMatch.get().equals("*")) return Precondition.absent();
      throw bad("If-None-Match must be *: the record must not exist yet.");
    }
    return match.map(EntityTags::matching).orElseGet(Precondition::none);
  }

  private static Precondition matching(String header) {
    if (header.equals("*")) return new Precondition.Present();
    if (!LIST.matcher(header).matches()) {
      throw bad("If-Match must be * or the ETag of a record, with its quotes. A weak tag (W/) never matches.");
    }
    return new Precondition.AnyOf(revisions(header));
  }

  private static Set<Revision> revisions(String list) {
    var revisions = new HashSet<Revision>();
    ONE.matcher(list).results().forEach(tag -> revisions.add(new Revision(tag.group(1))));
    if (revisions.size() > MAX_TAGS) throw bad("If-Match has more than " + MAX_TAGS + " tags.");
    return revisions;
  }

  private static Failure bad(String message) {
    return new Failure.BadRequest(ErrorCode.INVALID_REQUEST, message);
  }
}
