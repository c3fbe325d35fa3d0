package social.avatarai.mcp;

/**
 * A user of the app: the configured claim of its JWT, for example {@code did:plc:…}.
 *
 * @param value 1 to {@value #MAX_LENGTH} printable ASCII characters without blanks
 */
public record UserId(String value) {

  public static final int MAX_LENGTH = 256;

  public UserId {
    if (value.length() > MAX_LENGTH) throw new IllegalArgumentException("is longer than " + MAX_LENGTH + " characters");
    if (value.isEmpty() || !value.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
      throw new IllegalArgumentException("is not a user id");
    }
  }

  /** A user from our own caller's parameter. Fails with {@code invalid_request} if the value is invalid. */
  public static UserId ofParameter(String name, String value) {
    try {
      return new UserId(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " " + e.getMessage() + ".");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
