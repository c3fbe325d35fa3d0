package social.avatarai.mcp;

/**
 * The {@code state} of one authorization request (RFC 6749 §4.1.1): random, opaque, and the key of its session.
 *
 * <p>Not printed: whoever knows it can park an answer on the session.
 *
 * @param value 1 to {@value #MAX_LENGTH} characters; short, because servers in the field wrap it into their own
 */
public record State(String value) {

  public static final int MAX_LENGTH = 128;

  public State {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !value.matches("[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException("is not a state of ours");
    }
  }

  /** A state that came back; one that is none of ours is unknown, whatever it looks like. */
  public static State ofParameter(String name, String value) {
    if (value.length() > MAX_LENGTH) {
      throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " is too long.");
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

  /** The session's key: a digest, so that a reader of the table cannot answer for anyone. */
  public SessionKey key() {
    return new SessionKey(Digest.sha256Hex(value));
  }

  @Override
  public String toString() {
    return "State[redacted]";
  }
}
