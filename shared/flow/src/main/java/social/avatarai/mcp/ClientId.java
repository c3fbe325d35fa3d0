package social.avatarai.mcp;

/**
 * Our client identifier at an authorization server (RFC 6749 §2.2).
 *
 * @param value 1 to {@value #MAX_LENGTH} printable ASCII characters (RFC 6749 appendix A.1)
 */
public record ClientId(String value) {

  public static final int MAX_LENGTH = 2048;

  public ClientId {
    if (!isValid(value)) throw new IllegalArgumentException("is not a client identifier");
  }

  public static boolean isValid(String value) {
    return !value.isEmpty() && value.length() <= MAX_LENGTH && value.chars().allMatch(c -> c >= 0x20 && c <= 0x7e);
  }

  /**
   * A client identifier from our own caller's parameter. Fails with {@code invalid_request} if the value is invalid.
   */
  public static ClientId ofParameter(String name, String value) {
    if (isValid(value)) return new ClientId(value);
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
        "Parameter " + name + " is not a client identifier of at most " + MAX_LENGTH + " characters.");
  }

  @Override
  public String toString() {
    return value;
  }
}
