package social.avatarai.mcp;

/**
 * The key of an authorization session: SHA-256 of its {@code state}.
 *
 * @param value 64 lower-case hex digits
 */
public record SessionKey(String value) {

  public SessionKey {
    if (!value.matches("[0-9a-f]{64}")) throw new IllegalArgumentException("is not a session key");
  }

  @Override
  public String toString() {
    return value;
  }
}
