package social.avatarai.mcp;

/**
 * What the app's page redeems at {@code complete} when the browser had no cookie: the session's key, a dot, and 256
 * random bits. Useful only together with the JWT of the user who began.
 */
public final class CompletionCode extends Secret {
  private static final String FORM = "[0-9a-f]{64}\\.[A-Za-z0-9_-]{1,128}";

  private CompletionCode(String value) {
    super(value);
  }

  public static CompletionCode fresh(SessionKey session) {
    return new CompletionCode(session + "." + Unguessable.text());
  }

  /** A code from our own caller's parameter; {@code invalid_request} when it is none. */
  public static CompletionCode ofParameter(String name, String value) {
    if (value.matches(FORM)) return new CompletionCode(value);
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " is not a completion code.");
  }

  public SessionKey session() {
    return new SessionKey(reveal().substring(0, 64));
  }

  /** What the parked row keeps of it. */
  public String hash() {
    return Digest.sha256Hex(reveal());
  }
}
