package social.avatarai.mcp;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * A set of scope tokens in the order they were given (RFC 6749 §3.3).
 *
 * @param values tokens without blanks; at most {@value #MAX_TOKENS}, because a hostile challenge names them
 */
public record Scopes(List<String> values) {

  public static final int MAX_TOKENS = 200;
  private static final int MAX_TOKEN_LENGTH = 512;
  private static final Scopes NONE = new Scopes(List.of());

  public Scopes {
    values = List.copyOf(new LinkedHashSet<>(values));
    if (values.size() > MAX_TOKENS) throw new IllegalArgumentException("names more than " + MAX_TOKENS + " scopes");
    if (!values.stream().allMatch(Scopes::isToken)) throw new IllegalArgumentException("is not a scope");
  }

  public static Scopes none() {
    return NONE;
  }

  /** Blank-separated tokens; blanks around and between them do not matter. */
  public static Scopes parse(String text) {
    return text.isBlank() ? NONE : new Scopes(List.of(text.strip().split(" +")));
  }

  /** Scopes from our own caller's parameter; {@code invalid_request} when they are none. */
  public static Scopes ofParameter(String name, String value) {
    try {
      return parse(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  /** What a stranger names, without the tokens that are none: a bad one must not cost the user the good ones. */
  public static Scopes lenient(Collection<String> tokens) {
    return new Scopes(tokens.stream().filter(Scopes::isToken).distinct().limit(MAX_TOKENS).toList());
  }

  public boolean isEmpty() { return values.isEmpty(); }

  public boolean contains(String scope) {
    return values.contains(scope);
  }

  public boolean containsAll(Scopes others) {
    return values.containsAll(others.values);
  }

  /** These, then the others; what is beyond the cap is left out, since a hostile challenge may name a full set. */
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

  /** The wire form: blank-separated. */
  @Override
  public String toString() {
    return String.join(" ", values);
  }
}
