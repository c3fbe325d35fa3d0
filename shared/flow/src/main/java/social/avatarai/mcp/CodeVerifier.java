package social.avatarai.mcp;

/** The PKCE code verifier of one authorization request (RFC 7636 §4.1). */
public final class CodeVerifier extends Secret {
  public CodeVerifier(String value) {
    super(value);
  }

  public static CodeVerifier fresh() {
    return new CodeVerifier(Unguessable.text());
  }

  /** The S256 challenge (RFC 7636 §4.2). We send no other method. */
  public String challenge() {
    return Digest.sha256Base64Url(reveal());
  }
}
