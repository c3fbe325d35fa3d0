package social.avatarai.mcp;

/**
 * A request header with a secret that a user has entered.
 *
 * @param name the name of the header
 * @param prefix what stands before the secret in the value, such as {@code Bearer} and a blank; "" for nothing
 * @param secret the secret
 */
public record EnteredHeader(HeaderName name, String prefix, EnteredSecret secret) {

  public EnteredHeader {
    // RFC 9110 §5.5: visible characters, with blanks between them only. A line break would begin another header.
    String value = prefix + secret.reveal();
    boolean visible = value.chars().allMatch(c -> c >= ' ' && c <= '~');
    if (!visible || value.startsWith(" ") || value.endsWith(" ")) {
      throw new IllegalArgumentException(
          "has a value with a character that is not visible ASCII, or with a blank at an end");
    }
  }

  /** The whole value, for the code that sends the header. */
  public String value() {
    String value = prefix + secret.reveal();
    // A server may send back what stands behind a scheme that the user has entered together with the secret.
    if (value.contains(" ")) InvocationSecrets.note(value.substring(value.indexOf(' ') + 1));
    return value;
  }

  int length() {
    return name.value().length() + prefix.length() + secret.reveal().length();
  }
}
