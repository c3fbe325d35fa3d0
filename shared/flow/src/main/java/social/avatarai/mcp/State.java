package social.avatarai.mcp;

/**
 * The {@code state} of one authorization request (RFC 6749 §4.1.1). It is random and opaque, and its digest is the key
 * of its session.
 *
 * <p>A state is not printed, because anyone who knows it can park a response on the session.
 *
 * @param value 1 to {@value #MAX_LENGTH} characters; short, because some real servers wrap it into their own state
 */
public record State(String value) {

  public static final int MAX_LENGTH = 128;

  public State {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !value.matches("[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException("is not a state of ours");
    }
  }

  /** A state from our callback's parameter. A state that we did not issue is unknown, whatever its form. */
  public static State ofParameter(String name, String value) {
    if (value.length() > MAX_LENGTH) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST,
          "Parameter " + name + " is longer than " + MAX_LENGTH + " characters.");
    }
    try {
      return new State(value);
    } catch (IllegalArgumentException e) {
      throw new Failure.Unknown(ErrorCode.UNKNOWN_STATE, "No authorization is waiting for this answer.");
    }
  }

  public static State fresh() {
    return new State(Unguessable.text());
  }

  /** The session's key. It is a digest, so that a reader of the table cannot forge a response. */
  public SessionKey key() {
    return new SessionKey(Digest.sha256Hex(value));
  }

  @Override
  public String toString() {
    return "State[redacted]";
  }
}
