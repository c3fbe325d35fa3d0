package social.avatarai.mcp;

/**
 * The code that the app's page redeems at {@code complete} when the browser had no cookie: the session's key, a dot,
 * and 256 random bits. The code works only together with the JWT of the user who started the authorization.
 */
public final class CompletionCode extends Secret {
  private static final String FORM = "[0-9a-f]{64}\\.[A-Za-z0-9_-]{1,128}";

  private CompletionCode(String value) {
    super(value);
  }

  public static CompletionCode fresh(SessionKey session) {
    return new CompletionCode(session + "." + Unguessable.text());
  }

  /** A code from our own caller's parameter. Fails with {@code invalid_request} if the value is invalid. */
  public static CompletionCode ofParameter(String name, String value) {
    if (value.matches(FORM)) return new CompletionCode(value);
    throw new Failure.BadRequest(ErrorCode.INVALID_REQUEST, "Parameter " + name + " is not a completion code.");
  }

  public SessionKey session() {
    return new SessionKey(reveal().substring(0, 64));
  }

  /** The SHA-256 hash of the code, which the parked row keeps. */
  public String hash() {
    return Digest.sha256Hex(reveal());
  }
}
