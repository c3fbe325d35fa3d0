package social.avatarai.mcp;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A set of scope tokens in their original order (RFC 6749 §3.3).
 *
 * @param values tokens without blanks; at most {@value #MAX_TOKENS}, because a hostile challenge may name many
 */
public record Scopes(List<String> values) {

  public static final int MAX_TOKENS = 200;
  private static final int MAX_TOKEN_LENGTH = 512;
  private static final Pattern BLANKS = Pattern.compile(" +");
  private static final Scopes NONE = new Scopes(List.of());

  public Scopes {
    values = List.copyOf(new LinkedHashSet<>(values));
    if (values.size() > MAX_TOKENS) throw new IllegalArgumentException("names more than " + MAX_TOKENS + " scopes");
    if (!values.stream().allMatch(Scopes::isToken)) {
      throw new IllegalArgumentException("is not a list of scopes of at most " + MAX_TOKEN_LENGTH + " characters each");
    }
  }

  public static Scopes none() {
    return NONE;
  }

  /** Parses blank-separated tokens. Extra blanks are ignored. */
  public static Scopes parse(String text) {
    return text.isBlank() ? NONE : new Scopes(List.of(BLANKS.split(text.strip())));
  }

  /** Scopes from our own caller's parameter. Fails with {@code invalid_request} if the value is invalid. */
  public static Scopes ofParameter(String name, String value) {
    try {
      return parse(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  /**
   * Scopes that another party names, without the invalid tokens. One invalid token must not make the valid ones
   * useless. A token that holds a secret of this invocation is dropped, because scopes are stored and shown.
   */
  public static Scopes lenient(Collection<String> tokens) {
    return new Scopes(tokens.stream().filter(Scopes::isToken).filter(InvocationSecrets::isClean).distinct()
        .limit(MAX_TOKENS).toList());
  }

  public boolean isEmpty() { return values.isEmpty(); }

  public boolean contains(String scope) {
    return values.contains(scope);
  }

  public boolean containsAll(Scopes others) {
    return values.containsAll(others.values);
  }

  /**
   * These scopes, then the others. Tokens over the maximum number are dropped, because a hostile challenge may name
   * that many.
   */
  public Scopes union(Scopes others) {
    return new Scopes(
        Stream.concat(values.stream(), others.values.stream()).distinct().limit(MAX_TOKENS).toList());
  }

  public Scopes with(String scope) {
    return union(new Scopes(List.of(scope)));
  }

  public Scopes without(String scope) {
    return new Scopes(values.stream().filter(s -> !s.equals(scope)).toList());
  }

  // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
  private static boolean isToken(String token) {
    return !token.isEmpty() && token.length() <= MAX_TOKEN_LENGTH
        && token.chars().allMatch(c -> c >= 0x21 && c <= 0x7e && c != '"' && c != '\\');
  }

  /** The tokens separated by blanks, as OAuth parameters hold them. */
  @Override
  public String toString() {
    return String.join(" ", values);
  }
}
